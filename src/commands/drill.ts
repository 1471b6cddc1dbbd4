import { setTimeout as pause } from "node:timers/promises";
import { SafeTunnelError } from "../errors.ts";
import { CONDITIONS, type Refusal } from "../hl7/refusal.ts";
import type { Answer } from "../mllp/server-connection.ts";
import { periodMs, wholeNumber } from "../settings.ts";

/** What a listener does in place of the right answer; all but a refusal leave the message stored. */
export interface Misbehaviour {
  name: string;
  refusal?: Refusal;
  /** Changes the frames that would have been sent. */
  distort?: (frames: Uint8Array) => Promise<Answer | undefined>;
}

type Make = (value: string | undefined) => Omit<Misbehaviour, "name">;

const MAKERS: Record<string, Make> = {
  AE: (condition) => ({ refusal: refusalOf("AE", condition) }),
  AR: (condition) => ({ refusal: refusalOf("AR", condition) }),
  late: (duration = "") => {
    const afterMs = periodMs(duration, "ANSWER=late");
    return { distort: (bytes) => pause(afterMs, { bytes }, { ref: false }) };
  },
  "other-id": () => ({ distort: async (frames) => ({ bytes: underAnotherId(frames) }) }),
  twice: () => ({ distort: async (frames) => ({ bytes: Buffer.concat([frames, frames]) }) }),
  half: () => ({ distort: async (frames) => ({ bytes: frames.subarray(0, frames.length / 2) }) }),
  silent: () => ({ distort: async () => undefined }),
  close: () => ({ distort: async () => ({ bytes: Buffer.alloc(0), close: true }) }),
};
const TAKES_VALUE = ["AE", "AR", "late"];

/** A listener's misbehaviour for workshops and tests: `<how> [value] [every <n> | first <n>]`. */
export class Drill {
  readonly #misbehaviour: Misbehaviour;
  readonly #isDue: (turn: number) => boolean;
  #turns = 0;

  private constructor(misbehaviour: Misbehaviour, isDue: (turn: number) => boolean) {
    this.#misbehaviour = misbehaviour;
    this.#isDue = isDue;
  }

  /** Reads what ANSWER says. Throws `invalid-setting`. */
  static parse(text: string): Drill {
    const [how = "", ...rest] = text.trim().split(/\s+/);
    const make = Object.hasOwn(MAKERS, how) ? MAKERS[how] : undefined;
    const value = TAKES_VALUE.includes(how) && !["every", "first"].includes(rest[0] ?? "") ? rest.shift() : undefined;
    const [when, count, ...more] = rest;
    if (!make || more.length > 0 || (when !== undefined && when !== "every" && when !== "first"))
      throw new SafeTunnelError("invalid-setting", `ANSWER is "${text}", which names no way to misbehave`, {
        hint: `write ${Object.keys(MAKERS).join(", ")}, then "every 10" or "first 3" if not each time`,
      });
    const n = when === undefined ? 1 : wholeNumber(count ?? "", `ANSWER ... ${when}`);
    return new Drill({ name: text, ...make(value) }, (turn) => (when === "first" ? turn <= n : turn % n === 0));
  }

  /** Counts a message that is to be answered, and returns what goes wrong with it, if anything. */
  next(): Misbehaviour | undefined {
    this.#turns += 1;
    return this.#isDue(this.#turns) ? this.#misbehaviour : undefined;
  }
}

function refusalOf(code: Refusal["code"], text = "207"): Refusal {
  const condition = Number(text) as Refusal["condition"];
  if (!Object.hasOwn(CONDITIONS, text))
    throw new SafeTunnelError("invalid-setting", `ANSWER=${code} ${text}: no condition of HL7 table 0357`, {
      hint: `known are ${Object.keys(CONDITIONS).join(", ")}`,
    });
  const words = `${CONDITIONS[condition]}, as ANSWER=${code} asks for`;
  return { code, condition, location: "MSH^1", text: words, byApplication: true };
}

/** Replaces MSA-2 in every acknowledgment by a control ID that no message has. */
function underAnotherId(frames: Uint8Array): Buffer {
  const text = Buffer.from(frames).toString("latin1");
  return Buffer.from(text.replace(/(\rMSA(.)[A-Z]{2}\2)[^\r]*?(?=\2|\r)/g, "$1ANOTHER-ID"), "latin1");
}
