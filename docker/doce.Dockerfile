# doce itself, for compose.yaml: the server, and the guard of Docker's socket. It is built like docker/project.Dockerfile:
# `npm run docker:build` builds the stage `staged` from files that it has laid out itself; from a bare checkout the last
# stage lays them out first.
ARG BASE_IMAGE=node:24.21.0-bookworm-slim

FROM ${BASE_IMAGE} AS system
USER root
# git makes the repositories of new projects; tini ends what is left when doce ends.
RUN set -eu; \
	node -e 'if (process.execPath !== "/usr/local/bin/node" || parseInt(process.versions.node) < 24) throw new Error("BASE_IMAGE needs Node 24 or newer as /usr/local/bin/node, and npm beside it")'; \
	if ! [ -x /usr/bin/tini -a -x /usr/bin/git -a -s /etc/ssl/certs/ca-certificates.crt ]; then \
		apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates git tini; \
		rm -rf /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/gitweb; \
		rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /tmp/* /root/.npm; \
	fi; \
	find / -xdev -perm /6000 -exec chmod a-s {} +; \
	echo 'doce:x:10000:' >> /etc/group; \
	echo 'doce:x:10000:10000:doce:/tmp:/bin/sh' >> /etc/passwd; \
	printf '#!/bin/sh\nexec node /opt/doce/src/cli/doce.ts "$@"\n' > /usr/local/bin/doce; \
	chmod 755 /usr/local/bin/doce; \
	mkdir -p /data /keys /run/docker-guard; \
	chown 10000:10000 /data /keys; \
	chmod 700 /data /keys; \
	touch -d 2000-01-01T00:00:00Z /etc/group /etc/passwd /usr/local/bin/doce /data /keys /run/docker-guard
LABEL doce.image="doce"
# Projects are shown folders of the volume at /data alone, so that the gateway's sockets belong there too.
ENV NODE_ENV=production NODE_NO_WARNINGS=1 HOME=/tmp DOCE_DATA_DIR=/data DOCE_HOST=0.0.0.0 DOCE_RUNTIME=docker XDG_RUNTIME_DIR=/data/sockets
USER 10000:10000
WORKDIR /opt/doce
EXPOSE 4321
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "src/server/start.ts"]

FROM system AS staged
COPY LICENSE staged* /opt/doce/

FROM ${BASE_IMAGE} AS files
USER root
COPY . /doce
RUN node /doce/bin/doce.cjs docker:stage doce /staged

FROM system
COPY LICENSE /opt/doce/
COPY --from=files /staged/ /opt/doce/
