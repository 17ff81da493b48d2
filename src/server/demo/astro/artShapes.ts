/** Drawings without a single subject; `@name` stands for a colour of the site. */

export const PRINTS = `<rect width="600" height="600" fill="@soft" />
	<path d="M0 0h200v200H0Z" fill="@accent" /><path d="M200 0a200 200 0 0 1-200 200V0Z" fill="@gold" />
	<path d="M200 0h200v200H200Z" fill="@pop" /><circle cx="300" cy="100" r="66" fill="@paper" />
	<path d="M400 0h200v400H400Z" fill="@ink" /><path d="M400 200a100 100 0 0 1 200 0v200H400Z" fill="@accent" /><circle cx="500" cy="200" r="44" fill="@gold" />
	<path d="M0 200h400v200H0Z" fill="@paper" />
	<path d="M0 400V300a100 100 0 0 1 200 0v100Z" fill="@pop" /><path d="M50 400V304a50 50 0 0 1 100 0v96Z" fill="@ink" />
	<path d="M200 240h200M200 280h200M200 320h200M200 360h200" stroke="@ink" stroke-width="14" />
	<path d="M0 400h200v200H0Z" fill="@gold" /><path d="M0 600 200 400v200Z" fill="@ink" />
	<path d="M200 400h200v200H200Z" fill="@accent" /><path d="M200 400a100 100 0 0 1 100 100 100 100 0 0 1-100 100ZM400 400a100 100 0 0 0-100 100 100 100 0 0 0 100 100Z" fill="@soft" />
	<path d="M400 400h200v200H400Z" fill="@pop" /><circle cx="500" cy="500" r="74" fill="none" stroke="@gold" stroke-width="26" />`;

export const PAGES = `<rect width="600" height="600" fill="@accent" />
	<circle cx="150" cy="130" r="190" fill="@gold" opacity=".9" />
	<path d="M0 470c160-70 300 40 600-60v190H0Z" fill="@ink" opacity=".25" />
	<g transform="rotate(-9 300 330)"><path d="M150 150h260v350H150Z" fill="@soft" /></g>
	<g transform="rotate(5 300 320)">
		<path d="M180 120h270v380H180Z" fill="@paper" />
		<path d="M214 172h110" stroke="@accent" stroke-width="20" />
		<path d="M214 224h202M214 256h202M214 288h150M214 340h202M214 372h202M214 404h180M214 436h90" stroke="@ink" stroke-width="7" opacity=".55" />
	</g>
	<path d="m344 470 150-214 34 24-150 214-48 22Z" fill="@pop" />
	<path d="m344 470 34 24-48 22Z" fill="@ink" /><path d="m494 256 18-26 34 24-18 26Z" fill="@gold" />`;

const RAYS = Array.from({ length: 16 }, (_, at) => {
	const [from, to] = [at * 22.5, at * 22.5 + 11.25].map((degrees) => (degrees * Math.PI) / 180) as [number, number];
	const point = (angle: number) =>
		`${Math.round(300 + 640 * Math.cos(angle))} ${Math.round(330 + 640 * Math.sin(angle))}`;
	return `M300 330 ${point(from)} ${point(to)}Z`;
}).join('');

export const BURST = `<rect width="600" height="600" fill="@pop" />
	<path d="${RAYS}" fill="@gold" />
	<circle cx="300" cy="330" r="188" fill="@accent" />
	<circle cx="300" cy="330" r="188" fill="none" stroke="@ink" stroke-width="16" />
	<path d="M112 330a188 188 0 0 0 376 0Z" fill="@ink" />
	<path d="M172 330a128 128 0 0 1 256 0Z" fill="@paper" />
	<path d="M236 330a64 64 0 0 1 128 0Z" fill="@pop" />
	<path d="M150 384h300M178 426h244M228 468h144" stroke="@gold" stroke-width="16" />`;

const LEAVES = [0, 1, 2, 3, 4, 5]
	.flatMap((at) => {
		const y = 500 - at * 62;
		const size = 1 - at * 0.08;
		return [`translate(300 ${y}) rotate(-52) scale(${size})`, `translate(300 ${y - 26}) rotate(52) scale(${size})`];
	})
	.map(
		(transform, at) =>
			`<path transform="${transform}" d="M0 0c-34-34-34-96 0-138 34 42 34 104 0 138Z" fill="${at % 4 < 2 ? '@accent' : '@pop'}" />`,
	)
	.join('\n\t');

export const BOTANIC = `<rect width="600" height="600" fill="@gold" />
	<circle cx="300" cy="300" r="246" fill="@paper" opacity=".7" />
	<circle cx="432" cy="168" r="62" fill="@pop" opacity=".55" />
	<path d="M300 620V130" stroke="@ink" stroke-width="7" opacity=".8" />
	${LEAVES}
	<path d="M300 190c-26-30-26-72 0-104 26 32 26 74 0 104Z" fill="@accent" />
	<g fill="@paper" stroke="@ink" stroke-width="5"><circle cx="150" cy="232" r="15" /><circle cx="450" cy="320" r="15" /><circle cx="128" cy="384" r="11" /></g>
	<path d="M0 548c120-50 220-50 300-20s190 30 300-14v86H0Z" fill="@accent" />
	<path d="M0 580c150-40 300 20 600-20v40H0Z" fill="@ink" opacity=".5" />`;

export const HILLS = `<rect width="600" height="600" fill="@soft" />
	<circle cx="392" cy="216" r="104" fill="@gold" />
	<path d="M120 150q18-20 36 0 18-20 36 0M196 206q14-16 28 0 14-16 28 0" fill="none" stroke="@ink" stroke-width="6" stroke-linecap="round" />
	<path d="M0 350c90-90 190-110 290-30s190 60 310-40v320H0Z" fill="@pop" opacity=".75" />
	<path d="M0 430c110-70 230-70 330-10s180 40 270-30v210H0Z" fill="@accent" />
	<path d="M0 540c140-110 320-120 600-20v80H0Z" fill="@ink" opacity=".85" />
	<path d="M60 600c40-60 100-96 190-112M190 600c30-50 70-84 140-104M330 600c16-40 50-72 96-92M470 600c10-34 30-56 60-72" fill="none" stroke="@gold" stroke-width="7" opacity=".8" />
	<path d="M150 430v-70M470 430v-60" stroke="@ink" stroke-width="10" />
	<circle cx="150" cy="326" r="50" fill="@ink" opacity=".85" /><path d="M470 246c40 50 46 130 0 142-46-12-40-92 0-142Z" fill="@ink" opacity=".85" />
	<path d="M248 440v-56l44-38 44 38v56Z" fill="@paper" /><path d="m236 392 56-50 56 50-12 12-44-40-44 40Z" fill="@ink" /><path d="M280 440v-38h24v38Z" fill="@accent" />`;

const BARS = [70, 104, 84, 138, 118, 166]
	.map(
		(height, at) =>
			`<rect x="${612 + at * 34}" y="${404 - height}" width="22" height="${height}" rx="5" fill="${at === 5 ? '@accent' : '@soft'}" />`,
	)
	.join('');
const TASKS = [0, 1, 2, 3].map((at) => {
	const y = 208 + at * 56;
	const done = at < 2;
	return `<rect x="314" y="${y}" width="246" height="44" rx="10" fill="@surface" /><circle cx="340" cy="${y + 22}" r="10" fill="${done ? '@accent' : '@paper'}" stroke="@accent" stroke-width="3" /><rect x="364" y="${y + 16}" width="${[140, 168, 120, 152][at]}" height="11" rx="5.5" fill="@ink" opacity="${done ? '.25' : '.75'}" />`;
});

export const WINDOW = `<rect width="960" height="540" fill="@accent" />
	<circle cx="110" cy="470" r="230" fill="@gold" /><circle cx="880" cy="70" r="200" fill="@pop" />
	<rect x="86" y="66" width="808" height="560" rx="22" fill="@ink" opacity=".2" />
	<rect x="80" y="54" width="808" height="560" rx="20" fill="@paper" />
	<path d="M80 74a20 20 0 0 1 20-20h160v560H80Z" fill="@surface" />
	<circle cx="110" cy="84" r="7" fill="@accent" /><circle cx="133" cy="84" r="7" fill="@gold" /><circle cx="156" cy="84" r="7" fill="@pop" />
	<rect x="104" y="128" width="132" height="36" rx="9" fill="@soft" /><circle cx="124" cy="146" r="7" fill="@accent" /><rect x="142" y="141" width="70" height="10" rx="5" fill="@ink" opacity=".7" />
	<g fill="@ink" opacity=".3"><rect x="118" y="190" width="96" height="10" rx="5" /><rect x="118" y="226" width="72" height="10" rx="5" /><rect x="118" y="262" width="88" height="10" rx="5" /><rect x="118" y="298" width="60" height="10" rx="5" /></g>
	<rect x="314" y="98" width="210" height="24" rx="8" fill="@ink" opacity=".88" /><rect x="314" y="140" width="300" height="11" rx="5.5" fill="@ink" opacity=".3" />
	<rect x="744" y="96" width="104" height="38" rx="10" fill="@accent" /><rect x="768" y="110" width="56" height="10" rx="5" fill="@paper" />
	${TASKS.join('\n\t')}
	<rect x="590" y="208" width="258" height="212" rx="14" fill="@surface" /><g>${BARS}</g>
	<rect x="314" y="446" width="534" height="120" rx="14" fill="@surface" /><path d="M340 520c60-50 100 30 170-10s100-40 160-6 90-30 150-36" fill="none" stroke="@pop" stroke-width="7" stroke-linecap="round" />`;
