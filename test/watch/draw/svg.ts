export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a series of a panel is called, and its points. */
export interface Named {
  name: string;
  points: [seconds: number, value: number][];
}

/** Something that was done to the sandbox while the picture was taken. */
interface Mark {
  seconds: number;
  label: string;
}

export interface Span {
  from: number;
  to: number;
  marks: Mark[];
}

export const INK = "#24292e";
export const FAINT = "#8a8f98";
export const GRID = "#e4e7ea";

/** How wide a letter is on the average, in sizes of its font. */
const CHARACTER = 0.6;

export const widthOf = (text: string, size: number): number => text.length * size * CHARACTER;

export const round = (value: number): string => String(Math.round(value * 10) / 10);

const escaped = (text: string) =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? sign);

interface TextOptions {
  size?: number;
  anchor?: "start" | "middle" | "end";
  fill?: string;
  isBold?: boolean;
  within?: number;
}

/** One line of text, which is cut where it would leave its width. */
export function text(x: number, y: number, words: string, options: TextOptions = {}): string {
  const { size = 11, anchor = "start", fill = INK, isBold = false, within = Number.POSITIVE_INFINITY } = options;
  const most = Math.floor(within / (size * CHARACTER));
  const shown = words.length > most ? `${words.slice(0, Math.max(most - 1, 1))}…` : words;
  const weight = isBold ? ' font-weight="600"' : "";
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${weight}>${escaped(shown)}</text>`;
}

export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, more = ""): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"${more}/>`;

export const rectangle = ({ x, y, width, height }: Box, fill: string, more = ""): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${more}/>`;

/** The time of a moment, UTC. */
export const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);
