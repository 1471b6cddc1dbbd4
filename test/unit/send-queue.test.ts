import { expect, test } from "vitest";
import { sendCommand } from "../../src/commands/send.ts";
import { runIn } from "./command-in-process.ts";
import { template } from "./peer.ts";
import { linesOf } from "./queue-kit.ts";
import { SiteStore } from "./site-store.ts";

const send = (site: SiteStore, ...parameters: string[]) => runIn(site.folder, sendCommand(), "--queue", ...parameters);
const writeMessage = (site: SiteStore, fields: Record<number, string>) =>
  site.write("message.hl7", template.withHeader(fields).payload.toString());

test("send --queue leaves messages to the sender of the site, each under a control ID of its own", async () => {
  using site = new SiteStore();
  const { code, stdout, stderr } = await send(site, "--count", "2");
  const queued = site.outbox.list();
  expect([code, stderr, queued.map(({ id, type }) => [id, type])]).toEqual([
    0,
    "",
    [
      [1, "MDM^T02"],
      [2, "MDM^T02"],
    ],
  ]);
  expect(linesOf({ stdout })).toEqual(
    queued.map(
      ({ id, controlId }) =>
        `queued        MDM^T02 ${controlId} as #${id}, not delivered yet: "queue" shows what waits`,
    ),
  );
  expect(queued[0]?.controlId).not.toBe(queued[1]?.controlId);
  expect(queued[0]?.controlId).not.toBe(template.controlId);
});

test("send --queue --json says of each message its number, in one document a line", async () => {
  using site = new SiteStore();
  const { stdout } = await send(site, "--json", "--count", "2");
  expect(linesOf({ stdout }).map((line) => JSON.parse(line))).toEqual(
    site.outbox.list().map(({ id, type, controlId }) => ({ event: "message-queued", id, type, controlId })),
  );
});

test("send --queue --as-is changes no byte", async () => {
  using site = new SiteStore();
  const path = writeMessage(site, { 10: "OWN" });
  expect(await send(site, "--as-is", path)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("MDM^T02 OWN as #1"),
  });
  const { payload, sizeBytes } = site.outbox.next() ?? {};
  expect(Buffer.from(payload ?? []).toString()).toBe(site.read("message.hl7"));
  expect(sizeBytes).toBe(template.withHeader({ 10: "OWN" }).payload.length);
});

test.each([[["--host", "dpi"]], [["--port", "1"]], [["--timeout", "3s"]], [["--as-is", "--count", "2"]]])(
  "send --queue %j is wrong usage, exit 2, and queues nothing",
  async (parameters) => {
    using site = new SiteStore();
    const { code, stdout, stderr } = await send(site, ...parameters);
    expect([code, stdout, stderr.split("\n").length]).toEqual([2, "", 3]);
    expect(stderr).toMatch(/^error: .*--.*\nhint: leave/);
    expect(site.outbox.list()).toEqual([]);
  },
);

test("the sender's own place may be named", async () => {
  using site = new SiteStore();
  expect(await send(site, "--host", "127.0.0.1", "--port", "21010", "--timeout", "15s")).toMatchObject({ code: 0 });
});

test.each([
  ["no control ID", { 10: "" }, "without MSH-10 was not sent"],
  ["no wish for an acknowledgment", { 15: "NE", 16: "NE" }, "ask for no acknowledgment"],
])("what could never be sent is not queued: %s", async (_, fields, error) => {
  using site = new SiteStore();
  const { code, stderr } = await send(site, "--as-is", writeMessage(site, fields));
  expect([code, stderr]).toEqual([1, expect.stringContaining(error)]);
  expect(site.outbox.list()).toEqual([]);
});

test("what cannot be stored is not called queued", async () => {
  const { code, stdout, stderr } = await runIn("/dev/null/no", sendCommand(), "--queue");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^error: cannot open the store \/dev\/null\/no\/site.db: .*\nhint: .*DATA_DIR/);
});

test.each([["--connections", "2"], ["--interval", "1s"], ["--segments"]])(
  "send --queue has no use for %s",
  async (...given) => {
    using site = new SiteStore();
    const { code, stderr } = await send(site, ...given);
    expect([code, site.outbox.list()]).toEqual([2, []]);
    expect(stderr).toContain(`'--queue' cannot be used with option '${given[0]}`);
  },
);
