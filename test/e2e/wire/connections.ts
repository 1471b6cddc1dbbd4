import type { Segment } from "./packets.ts";

/** A TCP connection from its first byte on: what was said by who opened it, and by who took it. */
export interface Connection {
  /** The port that was connected to. */
  port: number;
  asked: Buffer;
  answered: Buffer;
  /** Whether both have said that no more comes, or one of them has cut it. */
  ended: boolean;
}

/** One direction of a connection: its SYN, the sequence number of its first byte, and all its segments. */
interface Direction {
  syn: Segment;
  first: number;
  segments: Segment[];
}

/** Puts TCP connections together again. A byte that is missing, or whose connection was not seen to begin, is an error. */
export function connectionsOf(segments: Segment[]): Connection[] {
  const directions = directionsOf(segments);
  const asking = directions.filter(({ syn }) => !syn.ack);
  return asking.map((asks) => {
    const answers = directions.find(({ syn }) => syn.ack && nameOf(syn, true) === nameOf(asks.syn) && takes(syn, asks));
    const both = [asks, answers].map((direction) => direction?.segments ?? []);
    return {
      port: asks.syn.targetPort,
      asked: streamOf(asks),
      answered: answers ? streamOf(answers) : Buffer.alloc(0),
      ended: both.every((side) => side.some(({ fin }) => fin)) || both.flat().some(({ rst }) => rst),
    };
  });
}

const takes = ({ acknowledges }: Segment, { first }: Direction) => acknowledges === first;

const nameOf = ({ source, target }: Segment, reversed = false) =>
  reversed ? `${target} to ${source}` : `${source} to ${target}`;

function directionsOf(segments: Segment[]): Direction[] {
  const all: Direction[] = [];
  const latest = new Map<string, Direction>();
  for (const segment of segments) {
    const name = nameOf(segment);
    const first = (segment.sequence + 1) >>> 0;
    // a port may be used again; a SYN that is sent again has the same number
    if (segment.syn && latest.get(name)?.first !== first) {
      const begun = { syn: segment, first, segments: [] };
      latest.set(name, begun);
      all.push(begun);
    }
    const direction = latest.get(name);
    if (direction === undefined && segment.bytes.length > 0)
      throw new Error(`${name}: ${segment.bytes.length} bytes of a connection that was not seen to begin`);
    direction?.segments.push(segment);
  }
  return all;
}

function streamOf({ syn, first, segments }: Direction): Buffer {
  const placed = segments.map((segment) => ({ ...segment, at: (segment.sequence - first) >>> 0 }));
  const parts: Buffer[] = [];
  let end = 0;
  for (const { at, bytes } of placed.filter(({ bytes }) => bytes.length > 0).sort((a, b) => a.at - b.at)) {
    if (at > end) throw new Error(`${nameOf(syn)}: ${at - end} bytes are missing after ${end}`);
    // what was sent again is taken once
    parts.push(bytes.subarray(end - at));
    end = Math.max(end, at + bytes.length);
  }
  const fin = placed.find(({ fin }) => fin);
  if (fin && fin.at + fin.bytes.length !== end)
    throw new Error(`${nameOf(syn)}: ${end} bytes, and the end was said to be at ${fin.at + fin.bytes.length}`);
  return Buffer.concat(parts);
}
