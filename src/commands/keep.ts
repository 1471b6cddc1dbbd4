import { reasonOf } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Simulator } from "../site/simulator.ts";
import type { Journal } from "../store/journal.ts";
import type { Outbox } from "../store/outbox.ts";
import type { Observer } from "../watch/observer.ts";

const TRIM_EVERY_MS = 60 * 60 * 1000;

/** Logs what an earlier process has left to send. Throws `store-failed`. */
export function tellOutbox(outbox: Outbox, log: Log, { sends, word }: Simulator): void {
  const { waiting, setAside } = outbox.counts();
  if (waiting + setAside === 0) return;
  const what = `${waiting} messages wait in the outbox, ${setAside} are set aside ("queue" shows them)`;
  const why = sends ? "" : `; no sender of this site brings them over (${word})`;
  log.info({ event: "outbox-found", waiting, setAside }, what + why);
}

/** Keeps what is stored within its bounds, since age is one also where nothing arrives. */
export function trimming(journal: Journal, outbox: Outbox, log: Log, observer: Observer): Disposable {
  const trim = () =>
    void Promise.all([journal.trim(Date.now()), outbox.trim(Date.now())]).catch((error) => {
      log.error({ event: "store-failed" }, reasonOf(error));
      observer.storeFailed();
    });
  trim();
  const timer = setInterval(trim, TRIM_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
