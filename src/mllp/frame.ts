/**
 * The MLLP block: 0x0B payload 0x1C 0x0D (HL7 MLLP Release 1, and Release 2 §2). A payload is bytes, never text.
 * A start block can stand in no payload: seen inside a frame, it says that the frame before it was never finished.
 */
export const START_BLOCK = 0x0b;
export const END_BLOCK = Buffer.from([0x1c, 0x0d]);

/** The limit of a payload where nothing else is set. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Why a frame was not finished; `half-end-block` where its last byte is 0x1C, so that only the CR was missing. */
export type Unfinished = "start-block" | "end-of-stream" | "half-end-block";

/** What a stream of bytes held, in its order; `atByte` counts from the first byte of the connection. */
export type Received =
  | { kind: "payload"; payload: Buffer; atByte: number }
  | { kind: "outside"; lengthBytes: number; atByte: number }
  | { kind: "unfinished"; head: Buffer; lengthBytes: number; atByte: number; because: Unfinished }
  | { kind: "too-large"; head: Buffer; limitBytes: number; atByte: number };

const START = Buffer.from([START_BLOCK]);
/** Up to this size it costs less to copy a payload than to write it in pieces. */
const COPIED_BYTES = 16 * 1024;

/** Returns the frame of a payload for one write: a small one as one buffer, a large one without a copy of it. */
export function framePieces(payload: Uint8Array): Uint8Array[] {
  return payload.length > COPIED_BYTES ? [START, payload, END_BLOCK] : [frame(payload)];
}

/** Returns the frame of a payload as one buffer. */
export function frame(payload: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(payload.length + 3);
  whole[0] = START_BLOCK;
  whole.set(payload, 1);
  whole.set(END_BLOCK, payload.length + 1);
  return whole;
}

/** Whether a payload comes out of a frame as it went in: MLLP has no way to escape its own blocks. */
export function canBeFramed(payload: Buffer): boolean {
  return !payload.includes(START_BLOCK) && !payload.includes(END_BLOCK);
}
