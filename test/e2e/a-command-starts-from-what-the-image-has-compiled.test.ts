import { expect, test } from "vitest";
import { must, TAG } from "./sandbox/index.ts";

const COMMANDS = ["send", "send-loop", "listen", "queue", "check", "health", "site", "gen-certs", "certs"];

/** Runs a line in a container that may write, with a copy of what the image has compiled; returns what Node added to it. */
async function addedBy(site: string, line: string): Promise<string[]> {
  const script = `
    cp -r "$NODE_COMPILE_CACHE" /tmp/compiled && touch /tmp/copied && export NODE_COMPILE_CACHE=/tmp/compiled
    ${line}
    find /tmp/compiled -type f -newer /tmp/copied`;
  const args = ["run", "--rm", "--network", "none", `mllp-safetunnel/${site}:${TAG}`, "bash", "-c", script];
  return (await must("docker", args)).split("\n").filter(Boolean);
}

test("whichever it is", async () => {
  const asked = COMMANDS.map((command) => `${command} --help > /dev/null || exit 9`).join("\n");
  expect(await addedBy("eai", asked)).toEqual([]);
});

test.each(["eai", "dpi"])("in %s, whose own facts it reads", async (site) => {
  // it ends because nobody listens
  expect(await addedBy(site, "send > /dev/null 2>&1; [ $? = 1 ] || exit 9")).toEqual([]);
});

test("and what is not in the image is compiled when it is asked for", async () => {
  const line = `echo "export const one: number = 1;" > /tmp/own.ts && node /tmp/own.ts`;
  expect(await addedBy("eai", line)).not.toEqual([]);
});
