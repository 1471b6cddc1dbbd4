/** Brings the journal of a site to a length, with small messages that never arrived. Runs inside a site. */
import { readSettings } from "../../../src/settings.ts";
import { Journal } from "../../../src/store/journal.ts";
import { Store } from "../../../src/store/store.ts";

const wanted = Number(process.argv[2]);
const { dataDir, retention } = await readSettings();
using store = Store.open(dataDir, "normal");
const journal = new Journal(store, retention);
const entry = { peer: "127.0.0.1:1", type: "ADT^A01", code: "AA", answer: Buffer.alloc(150, "a") };
const payload = Buffer.alloc(200, "p");
const AT_ONCE = 1000;

for (let id = journal.lastId() + 1; id <= wanted; ) {
  const commit: Promise<number | undefined>[] = [];
  for (; commit.length < AT_ONCE && id <= wanted; id += 1) {
    const controlId = `FILL${String(id).padStart(12, "0")}`;
    commit.push(
      journal.append({ ...entry, controlId, claim: Buffer.from(controlId), payload, receivedAtMs: Date.now() }),
    );
  }
  await Promise.all(commit);
}
process.stdout.write(`${journal.lastId()}\n`);
