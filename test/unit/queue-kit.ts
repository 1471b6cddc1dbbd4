import { queueCommand } from "../../src/commands/queue.ts";
import { Outbox } from "../../src/store/outbox.ts";
import { Store } from "../../src/store/store.ts";
import { runIn } from "./command-in-process.ts";
import { template } from "./peer.ts";
import { Scratch } from "./scratch.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
export const QUEUED_AT = "2026-03-01T12:00:00.000Z";

/** The outbox of EAI with three messages that wait, #1, #2 and #5, and two that were set aside, #3 and #4. */
export async function prepareQueue() {
  const scratch = new Scratch();
  const store = Store.open(scratch.folder, "normal");
  const outbox = new Outbox(store, { keep: 100, keepDays: 1 });
  for (const controlId of ["A", "B", "C", "D", "E"]) {
    const { type, payload } = template.withHeader({ 10: controlId });
    await outbox.put({ type, controlId, payload }, NOW);
  }
  await outbox.setAside(3, "AE, unknown\u001b[2K patient", NOW + 1000);
  await outbox.setAside(4, "AE", NOW);
  await outbox.failed(1, "AR");
  return {
    outbox,
    queue: (...parameters: string[]) => runIn(scratch.folder, queueCommand(), ...parameters),
    [Symbol.dispose]: () => {
      store[Symbol.dispose]();
      scratch[Symbol.dispose]();
    },
  };
}

/** What a command has done that printed these lines and found nothing wrong. */
export const ok = (...lines: string[]) => ({ code: 0, stdout: lines.map((line) => `${line}\n`).join(""), stderr: "" });
export const linesOf = ({ stdout }: { stdout: string }) => stdout.trimEnd().split("\n");
