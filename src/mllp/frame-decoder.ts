import { DEFAULT_MAX_PAYLOAD_BYTES, END_BLOCK, type Received, START_BLOCK, type Unfinished } from "./frame.ts";

/** How much of a payload that never became whole is kept, so that its header can still be answered. */
const HEAD_BYTES = 4096;
/** How large a buffer may be that waits for the next frame. */
const KEPT_BYTES = 64 * 1024;
/** The same where buffers serve again and again. */
const REUSED_BYTES = 4 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** Finds the payloads in a stream of chunks, however it is cut, in time and memory linear in its length. */
export class FrameDecoder {
  readonly #maxPayloadBytes: number;
  readonly #reuses: boolean;
  /** The buffer of the payload before this one, which may be in use until the next push. */
  #other: Buffer = NOTHING;
  #state: "outside" | "inside" | "skipping" = "outside";
  #streamBytes = 0;
  #frameAtByte = 0;
  #buffer: Buffer = NOTHING;
  #lengthBytes = 0;
  #lastWasEndByte = false;
  /** Where the next end block of this chunk is, or its length, kept so that no byte is searched twice. */
  #endAt = -1;

  /** Where it reuses its buffers, a payload is to be used before the next push. */
  constructor(maxPayloadBytes: number = DEFAULT_MAX_PAYLOAD_BYTES, reuses = false) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#reuses = reuses;
  }

  /** Whether a frame has begun and not ended. */
  get inFrame(): boolean {
    return this.#state !== "outside";
  }

  /** Takes the next chunk and returns what it completed. */
  push(chunk: Buffer): Received[] {
    const found: Received[] = [];
    let at = 0;
    this.#endAt = -1;
    while (at < chunk.length)
      at = this.#state === "outside" ? this.#seek(chunk, at, found) : this.#read(chunk, at, found);
    this.#streamBytes += chunk.length;
    return found;
  }

  /** Says that no byte follows, and returns the frame that was left unfinished, if any. */
  end(): Received[] {
    const found: Received[] = [];
    if (this.#state === "inside") this.#abandon("end-of-stream", found);
    this.#state = "outside";
    return found;
  }

  /** Gives back what waits for a next frame; what was handed out is not in use any more. */
  release(): void {
    if (this.inFrame) return;
    this.#buffer = NOTHING;
    this.#other = NOTHING;
  }

  #seek(chunk: Buffer, from: number, found: Received[]): number {
    const start = chunk.indexOf(START_BLOCK, from);
    const until = start === -1 ? chunk.length : start;
    if (until > from) this.#ignore(until - from, this.#streamBytes + from, found);
    if (start === -1) return chunk.length;
    this.#begin(start);
    return start + 1;
  }

  #begin(at: number): void {
    this.#state = "inside";
    this.#frameAtByte = this.#streamBytes + at;
    this.#lengthBytes = 0;
    this.#lastWasEndByte = false;
  }

  #read(chunk: Buffer, from: number, found: Received[]): number {
    if (this.#lastWasEndByte && chunk[from] === END_BLOCK[1]) {
      // the end block was cut in two: its first byte was taken for payload
      this.#finish(this.#buffer.subarray(0, this.#lengthBytes - 1), found);
      return from + 1;
    }
    if (this.#endAt < from) {
      const next = chunk.indexOf(END_BLOCK, from);
      this.#endAt = next === -1 ? chunk.length : next;
    }
    const end = this.#endAt;
    const piece = chunk.subarray(from, end);
    const restart = piece.indexOf(START_BLOCK);
    if (restart !== -1) {
      if (this.#state === "inside") {
        this.#take(piece.subarray(0, restart), found);
        this.#abandon("start-block", found);
      }
      this.#begin(from + restart);
      return from + restart + 1;
    }
    if (end === chunk.length) {
      this.#take(piece, found);
      this.#lastWasEndByte = piece.at(-1) === END_BLOCK[0];
      return end;
    }
    if (this.#lengthBytes === 0 && piece.length <= this.#maxPayloadBytes) this.#finish(piece, found);
    else {
      this.#take(piece, found);
      this.#finish(this.#buffer.subarray(0, this.#lengthBytes), found);
    }
    return end + END_BLOCK.length;
  }

  #take(piece: Buffer, found: Received[]): void {
    if (this.#state === "skipping") return;
    const lengthBytes = this.#lengthBytes + piece.length;
    // one more than the limit, since the last byte may turn out to be the first of the end block
    if (lengthBytes > this.#maxPayloadBytes + 1) {
      const kept = this.#buffer.subarray(0, Math.min(this.#lengthBytes, HEAD_BYTES));
      const head = Buffer.concat([kept, piece.subarray(0, HEAD_BYTES)]);
      this.#tooLarge(head, found);
      this.#state = "skipping";
      return;
    }
    if (lengthBytes > this.#buffer.length) this.#grow(lengthBytes);
    piece.copy(this.#buffer, this.#lengthBytes);
    this.#lengthBytes = lengthBytes;
  }

  #grow(neededBytes: number): void {
    // no more than twice what is needed: a stream of tiny frames, each cut in two, gets a buffer for each
    const grown = Buffer.allocUnsafe(Math.max(neededBytes, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#lengthBytes);
    this.#buffer = grown;
  }

  #finish(payload: Buffer, found: Received[]): void {
    if (this.#state === "inside" && payload.length > this.#maxPayloadBytes) this.#tooLarge(payload, found);
    else if (this.#state === "inside") found.push({ kind: "payload", payload, atByte: this.#frameAtByte });
    // the payload just handed out may stand in this buffer: the next frame gets another
    if (this.#lengthBytes > 0) this.#change();
    this.#leave();
  }

  #tooLarge(seen: Buffer, found: Received[]): void {
    const head = Buffer.from(seen.subarray(0, HEAD_BYTES));
    found.push({ kind: "too-large", head, limitBytes: this.#maxPayloadBytes, atByte: this.#frameAtByte });
    this.#buffer = NOTHING;
    this.#lengthBytes = 0;
  }

  #ignore(lengthBytes: number, atByte: number, found: Received[]): void {
    const last = found.at(-1);
    if (last?.kind === "outside" && last.atByte + last.lengthBytes === atByte) last.lengthBytes += lengthBytes;
    else found.push({ kind: "outside", lengthBytes, atByte });
  }

  #abandon(what: Unfinished, found: Received[]): void {
    // the piece before a start block may itself have passed the limit, and is then reported already
    if (this.#state !== "inside") return;
    if (this.#lengthBytes === 0) {
      // a start block with nothing behind it begins no message that anybody could wait for
      this.#ignore(1, this.#frameAtByte, found);
      this.#leave();
      return;
    }
    const head = Buffer.from(this.#buffer.subarray(0, Math.min(this.#lengthBytes, HEAD_BYTES)));
    const lengthBytes = this.#lengthBytes;
    const because = this.#buffer[lengthBytes - 1] === END_BLOCK[0] ? "half-end-block" : what;
    found.push({ kind: "unfinished", head, lengthBytes, atByte: this.#frameAtByte, because });
    // a small buffer serves the next frame as well, a large one is given back
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = NOTHING;
    this.#leave();
  }

  #change(): void {
    const used = this.#buffer;
    this.#buffer = this.#other;
    this.#other = this.#reuses && used.length <= REUSED_BYTES ? used : NOTHING;
  }

  #leave(): void {
    this.#state = "outside";
    this.#lengthBytes = 0;
    this.#lastWasEndByte = false;
  }
}
