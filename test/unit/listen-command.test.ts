import { expect, test, vi } from "vitest";
import { listenCommand } from "../../src/commands/listen.ts";
import { SafeTunnelError } from "../../src/errors.ts";
import { MllpClient } from "../../src/mllp/client.ts";
import { Deadline } from "../../src/mllp/deadline.ts";
import { Journal } from "../../src/store/journal.ts";
import { runIn } from "./command-in-process.ts";
import { accept, serve } from "./peer.ts";
import { Scratch } from "./scratch.ts";

const listen = (folder: string, ...parameters: string[]) => runIn(folder, listenCommand(), ...parameters);

test("a misbehaviour that would have no effect is refused, not overlooked", async () => {
  using scratch = new Scratch();
  await using other = await serve(accept);
  expect(await listen(scratch.folder, "--port", String(other.port), "--answer", "close")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`--answer "close" would have no effect: port ${other.port} has a listener already`),
  });
  expect(await listen(scratch.folder, "--no-follow", "--answer", "close")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--answer "close" would have no effect: with --no-follow nothing listens'),
  });
});

test("a listener that cannot read its store ends, and takes no more messages", async () => {
  using scratch = new Scratch();
  vi.spyOn(Journal.prototype, "after").mockImplementation(() => {
    throw new SafeTunnelError("store-failed", "cannot read the store", { hint: "look at the disk" });
  });
  const { code, stderr } = await listen(scratch.folder, "--port", "0");
  expect([code, stderr]).toEqual([1, expect.stringContaining("error: cannot read the store")]);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(stderr)?.[1]);
  await expect(MllpClient.connect({ host: "127.0.0.1", port }, Deadline.start(2000))).rejects.toMatchObject({
    code: "connection-refused",
  });
});
