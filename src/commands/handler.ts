import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { Message } from "../hl7/message.ts";
import { CONDITIONS, type Refusal } from "../hl7/refusal.ts";

/** What a handler says of a message; condition is of HL7 table 0357, location is ERR-2 as segment^sequence^field. */
type Verdict = "AA" | "AE" | "AR" | ({ code: "AE" | "AR" } & Partial<Omit<Refusal, "code" | "byApplication">>);

/**
 * A function of one's own, the default export of a TypeScript file. It sees each message once that is whole and not a
 * repeat, before that is stored. A message that could not be stored after it comes again, and so does one for which it threw.
 */
export type Handler = (message: Message) => Verdict | Promise<Verdict>;

const LIMIT_MS = 10_000;
const LOCATION = /^[A-Z][A-Z0-9]{2}(\^\d+)*$/;

/** Loads a handler from its file. Throws `file-unreadable`, `invalid-setting`. */
export async function loadHandler(path: string): Promise<Handler> {
  const file = (await import(pathToFileURL(resolve(path)).href).catch((cause) => {
    throw new SafeTunnelError("file-unreadable", `cannot load the handler ${path} (HANDLER): ${reasonOf(cause)}`, {
      hint: "mount the file into the site, and use only what plain Node can strip of TypeScript",
      cause,
    });
  })) as { default?: unknown };
  if (typeof file.default === "function") return file.default as Handler;
  throw new SafeTunnelError("invalid-setting", `the handler ${path} (HANDLER) has no function as its default export`, {
    hint: 'write "export default (message) => "AA"", with the type Handler of src/commands/handler.ts',
  });
}

/**
 * Asks a handler, and returns why it refuses a message. One that throws, says nothing known or takes longer than 10 s
 * says nothing of the message: that is AR, so that the sender keeps it.
 */
export async function askHandler(handler: Handler, message: Message): Promise<Refusal | undefined> {
  const limit = new AbortController();
  try {
    const late = pause(LIMIT_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
      throw new Error(`no verdict within ${LIMIT_MS} ms`);
    });
    // of its own: what a handler changes must not reach the store
    const own = Message.read(Buffer.from(message.payload));
    // one that throws at once must not leave the limit with nobody to hear of it
    const asked = async () => handler(own);
    const verdict = await Promise.race([asked(), late]);
    return verdict === "AA" ? undefined : refusalOf(verdict);
  } catch (error) {
    return { ...refusalOf("AR"), text: `the handler failed: ${reasonOf(error)}` };
  } finally {
    limit.abort();
  }
}

function refusalOf(verdict: Exclude<Verdict, "AA">): Refusal {
  const said = typeof verdict === "string" ? { code: verdict } : verdict;
  const { code, condition = 207, location = "MSH^1", text = `the application answers ${code}` } = said ?? {};
  const known = (code === "AE" || code === "AR") && Object.hasOwn(CONDITIONS, condition) && LOCATION.test(location);
  if (!known) throw new Error(`its verdict ${JSON.stringify(verdict)} is none that is known`);
  return { code, condition, location, text: String(text), byApplication: true };
}
