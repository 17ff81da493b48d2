# What a project's OpenCode and its preview run in. `npm run docker:build` builds the stage `staged` from files that it
# has laid out itself, without a network when the base image has the programs named below. From a bare checkout
# (compose, or `docker build -f docker/project.Dockerfile .`) the last stage lays the same files out first.
ARG BASE_IMAGE=node:24.21.0-bookworm-slim

FROM ${BASE_IMAGE} AS system
USER root
# OpenCode searches with ripgrep, and would otherwise fetch it from where a project cannot reach. With curl and ps an
# agent sees whether its site is up. Perl comes with Debian's git, which needs it for what nobody calls here.
RUN set -eu; \
	node -e 'if (process.execPath !== "/usr/local/bin/node" || parseInt(process.versions.node) < 24) throw new Error("BASE_IMAGE needs Node 24 or newer as /usr/local/bin/node, and npm beside it")'; \
	test -x /usr/local/bin/npm -a -x /usr/local/bin/npx; \
	if ! [ -x /usr/bin/tini -a -x /usr/bin/git -a -x /usr/bin/rg -a -x /usr/bin/curl -a -x /usr/bin/ps -a -s /etc/ssl/certs/ca-certificates.crt ]; then \
		apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates curl git procps ripgrep tini; \
		rm -rf /usr/share/perl /usr/share/perl5 /usr/lib/*-linux-gnu/perl /usr/lib/*-linux-gnu/libperl.so.*; \
		rm -rf /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/gitweb; \
		rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /tmp/* /root/.npm; \
	fi; \
	find / -xdev -perm /6000 -exec chmod a-s {} +; \
	grep -q '^project:' /etc/group || echo 'project:x:10001:' >> /etc/group; \
	grep -q '^project:' /etc/passwd || echo 'project:x:10001:10001:project:/tmp:/bin/sh' >> /etc/passwd; \
	touch -d 2000-01-01T00:00:00Z /etc/group /etc/passwd
LABEL doce.image="project"
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["/usr/bin/tini", "-g", "--"]

FROM system AS staged
COPY LICENSE staged* /opt/doce/

FROM ${BASE_IMAGE} AS files
USER root
COPY . /doce
RUN node /doce/bin/doce.cjs docker:stage project /staged

FROM system
COPY LICENSE /opt/doce/
COPY --from=files /staged/ /opt/doce/
