import { expect, test } from "vitest";
import { sharedSandbox } from "./sandbox/index.ts";

test("each line an exchange with a control ID of its own, and exit code 0", async () => {
  const line = `
    send-loop --every 100ms >/dev/shm/told & loop=$!
    until [ "$(grep -c acknowledged /dev/shm/told)" -ge 3 ]; do [ -d /proc/$loop ] || exit 9; done
    kill $loop; wait $loop; echo "ended $?"; cat /dev/shm/told; rm /dev/shm/told`;
  const { stdout } = await sharedSandbox().exec("dpi", ["bash", "-c", line]);
  expect(stdout).toContain("ended 0\n");
  const ids = [...stdout.matchAll(/^sent ADT\^A01 (\S+), 1143 bytes: acknowledged AA in \d+ ms$/gm)].map(
    ([, id]) => id,
  );
  expect(ids.length).toBeGreaterThanOrEqual(3);
  expect(new Set(ids).size).toBe(ids.length);
});

test("beside the site's own sender it has no place of its own to send to", async () => {
  const { code, stderr } = await sharedSandbox().exec("dpi", ["send-loop", "--port", "22011"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: --host, --port and --timeout are not for what goes to the outbox\nhint: leave them out/,
  );
});

test.each([
  [["--every", "0"], "--every"],
  [["--every", "often"], "--every"],
  [["--port", "99999"], "--port"],
  [["--unheard-of"], "--unheard-of"],
])("wrong usage, %j, is exit code 2 and names the option", async (args, named) => {
  const { code, stdout, stderr } = await sharedSandbox().exec("dpi", ["send-loop", ...args]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(new RegExp(`^error: .*${named}.*\\nhint: `));
});
