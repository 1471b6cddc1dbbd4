import type { Results } from "./bench.ts";
import { figure } from "./statistics.ts";

const BAR_WIDTH = 420;
const ROW_HEIGHT = 18;
const LEFT = 230;
const COLOURS = { normal: "#1b7f5c", full: "#2c5f9e", plain: "#8a8a8a", reconnect: "#b5531f" } as const;
/** As much of the echo as the width shows: small messages over plain TCP are faster than any tunnel. */
const MOST = 2;

/** Draws, as one SVG page, how much of the bare echo each way reaches, and the time for a message against the journal. */
export function plotOf({ exchanges, growth, machine, startedAt }: Results): string {
  const bars = exchanges.flatMap(({ message, connections, paths }) =>
    (Object.keys(COLOURS) as (keyof typeof COLOURS)[]).map((path) => {
      const { median, least, most } = paths[path].ratioToEcho;
      return {
        label: `${message}, ${connections} conn., ${path}`,
        median,
        least,
        most,
        colour: COLOURS[path],
        of: MOST,
      };
    }),
  );
  const most = Math.max(...growth.map(({ msPerMessage }) => msPerMessage.most), 0);
  const lengths = growth.map(({ rows, msPerMessage }) => ({
    ...msPerMessage,
    label: `${rows.toLocaleString("en-US")} rows`,
    colour: COLOURS.normal,
    of: most,
  }));
  const parts = [
    title("Messages a second, as a share of a bare echo through the same tunnels (line: least to most)", 0),
    ...bars.map((bar, at) => row(bar, at + 1)),
    mark(1, bars.length),
    title("Milliseconds for a stored ADT against the length of the journal", bars.length + 2),
    ...lengths.map((bar, at) => row(bar, bars.length + 3 + at)),
    title(`${machine.processors}, ${machine.node}, ${machine.stunnel}, ${startedAt}`, bars.length + lengths.length + 4),
  ];
  const height = (bars.length + lengths.length + 6) * ROW_HEIGHT;
  const width = LEFT + BAR_WIDTH + 120;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>Each path as a share of a bare echo, and the time for a message against the length of the journal</title>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

interface Bar {
  label: string;
  median: number;
  least: number;
  most: number;
  of: number;
  colour: string;
}

function row({ label, median, least, most, of, colour }: Bar, at: number): string {
  const y = (at + 1) * ROW_HEIGHT;
  const x = (value: number) => LEFT + (Math.min(value, of) / of) * BAR_WIDTH;
  const middle = y - ROW_HEIGHT / 3;
  return `<text x="${LEFT - 8}" y="${y - 2}" text-anchor="end">${label}</text>
<rect x="${LEFT}" y="${y - ROW_HEIGHT + 5}" width="${(x(median) - LEFT).toFixed(1)}" height="12" fill="${colour}"/>
<line x1="${x(least).toFixed(1)}" x2="${x(most).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#000"/>
<text x="${(x(Math.max(median, most)) + 6).toFixed(1)}" y="${y - 2}">${figure(median)}</text>`;
}

const title = (text: string, at: number) =>
  `<text x="8" y="${(at + 1) * ROW_HEIGHT - 2}" font-weight="bold">${text}</text>`;

const mark = (value: number, rows: number) => {
  const x = LEFT + (value / MOST) * BAR_WIDTH;
  return `<line x1="${x}" x2="${x}" y1="${ROW_HEIGHT}" y2="${(rows + 1) * ROW_HEIGHT}" stroke="#c00" stroke-dasharray="4 3"/>`;
};
