import { afterAll, beforeAll, expect, test } from "vitest";
import type { FindingId } from "../../src/check/questions.ts";
import { type Dpi, startTwoDpi, type TwoDpi } from "./peers/two-dpi.ts";

const MESSAGES = 300;
/** What a hospital may ask for: from the death of one DPI to the first message of the other. */
const TAKEN_OVER = { timeout: 10_000, interval: 100 };

let two: TwoDpi & AsyncDisposable;
// each acknowledgment takes its time, so that the kill finds a message that is stored and not acknowledged yet
beforeAll(async () => {
  two = await startTwoDpi({ DPI_ANSWER: "late 25ms" });
});
afterAll(() => two?.[Symbol.asyncDispose]());

async function check(): Promise<{ place: string; statuses: Partial<Record<FindingId, string>> }> {
  const { stdout } = await two.exec("eai", ["check", "--json"]);
  const { legs, findings } = JSON.parse(stdout);
  const statuses = findings.map(({ id, status }: { id: string; status: string }) => [id, status]);
  return { place: legs.to.code, statuses: Object.fromEntries(statuses) };
}

/** Which DPI has the connection: the one that stored a message which is sent now. */
async function working(): Promise<Dpi> {
  const { controlId } = await two.send("eai");
  return (await two.storedBy("dpi-a")).includes(controlId) ? "dpi-a" : "dpi-b";
}

test("the other one has taken over within 10 s, and each message is acknowledged and stored", async () => {
  const first = await working();
  const other = first === "dpi-a" ? "dpi-b" : "dpi-a";
  const sent = await two.queue(MESSAGES);
  await expect.poll(async () => (await two.storedBy(first)).length, { timeout: 20_000 }).toBeGreaterThan(20);
  await two.signal("KILL", first);
  await expect.poll(() => two.storedBy(other), TAKEN_OVER).not.toEqual([]);
  await expect.poll(() => two.outbox(), { timeout: 60_000 }).toMatchObject({ waiting: 0, setAside: 0 });

  const delivered = await two.delivered(MESSAGES);
  expect(delivered.map(({ controlId, code }) => [controlId, code])).toEqual(sent.map((id) => [id, "AA"]));
  // the journal of the dead outlives it
  await two.mustCompose("start", first);
  const [before, after] = [await two.storedBy(first), await two.storedBy(other)];
  expect(after.length).toBeGreaterThan(0);
  expect([...new Set([...before, ...after])].slice(-MESSAGES)).toEqual(sent);
  // what the kill has cut off before its acknowledgment was sent again, to a DPI that does not know it
  const twice = before.filter((id) => after.includes(id));
  expect([[], [before.at(-1)]]).toContainEqual(twice);
});

test("who was dead and is back waits, and the other one goes on", async () => {
  const now = await working();
  await expect.poll(() => two.haproxyLog(), { timeout: 20_000 }).toMatch(/Server dpi\/\S+ is UP, reason/);
  expect(await working()).toBe(now);
});

test("a DPI sends over HAProxy, and check passes what it asks of HAProxy", async () => {
  const sent = await two.inDpi("dpi-a", "send", "--json", "--host", "haproxy.dpi", "--port", "22010");
  expect(JSON.parse(sent)).toMatchObject({ type: "ADT^A01", code: "AA" });
  const { place, statuses } = await check();
  expect(place).toBe("works");
  const wrong = Object.entries(statuses).filter(([, status]) => status === "fail" || status === "warn");
  expect(wrong).toEqual([]);
  // a certificate of the same authority, of another name
  expect(statuses).toMatchObject({ "mutual.sibling.to": "pass", "mutual.no-certificate.to": "pass" });
  const log = await two.haproxyLog();
  expect(log).toMatch(/^refused \S+: .*peer did not return a certificate/m);
  expect(log).toMatch(/ mdm_from_eai~ .* PR /);
});

test("with both dead messages wait, nothing is called a success, and all go when one is back", async () => {
  await two.signal("KILL", "dpi-a", "dpi-b");
  const sent = await two.queue(3);
  const { code, stderr } = await two.exec("eai", ["send"]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: no acknowledgment of MDM\^T02 .*\nhint: /)]);
  await expect.poll(async () => (await two.outbox()).messages[0]?.tries).toBeGreaterThan(0);
  expect(await two.outbox()).toMatchObject({ waiting: 3 });
  await two.mustCompose("start", "dpi-b");
  await expect.poll(() => two.outbox(), { timeout: 60_000 }).toMatchObject({ waiting: 0, setAside: 0 });
  expect((await two.delivered(3)).map(({ controlId }) => controlId)).toEqual(sent);
  expect((await two.storedBy("dpi-b")).slice(-3)).toEqual(sent);
});

test("a revoked certificate is refused by HAProxy, and check says so", async () => {
  await two.mustCompose("run", "--rm", "-T", "certs", "certs", "revoke", "eai");
  await two.signal("USR2", "haproxy");
  await expect.poll(async () => (await two.exec("eai", ["send"])).code, { timeout: 20_000 }).toBe(1);
  const { place, statuses } = await check();
  expect([place, statuses["mutual.accepted.to"]]).toEqual(["peer-refused-us", "fail"]);
  expect(await two.haproxyLog()).toMatch(/^refused \S+: SSL client certificate not trusted, .* certificate error 23$/m);
});
