import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { EXPECTED, statusesOf } from "./peers/expected.ts";
import { startHaproxy } from "./peers/haproxy.ts";
import { Judge, type Judged, NODE } from "./peers/judge.ts";
import { matrixOf } from "./peers/matrix.ts";
import { startNodePeers } from "./peers/node.ts";
import { must, ROOT, showTable } from "./sandbox/index.ts";

/** Each waits much more than it works. */
const AT_ONCE = 10;

const judged: Judged[] = [];

beforeAll(async () => {
  await using pki = await mkdtempDisposable(join(tmpdir(), "peers-"));
  await must(NODE, [join(ROOT, "stunnel/gen-certs.ts"), "--out", pki.path, "--lab"]);
  const judge = new Judge(pki.path, AT_ONCE);
  const nodes = async () => {
    await using node = await startNodePeers(pki.path);
    return await judge.all("node", node.ports);
  };
  const haproxies = async () => {
    await using haproxy = await startHaproxy(pki.path);
    return await judge.all("haproxy", haproxy.ports);
  };
  // the containers come up while the servers of this process are judged
  judged.push(...(await Promise.all([nodes(), haproxies()])).flat());
  await showTable("peers.txt", matrixOf(judged));
});

test("every peer that there is was judged, and no other is expected", () => {
  expect(judged.map(({ name }) => name).sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))("%s", (name, expected) => {
  const one = judged.find((other) => other.name === name);
  const seen = one?.findings ?? [];
  const odd = seen.filter(({ id, status }) => statusesOf(expected)[id] !== status);
  expect.soft(one?.stderr).toBe("");
  expect.soft(one?.place).toBe(expected.place);
  const statuses = Object.fromEntries(seen.map(({ id, status }) => [id, status]));
  expect.soft(statuses, JSON.stringify(odd)).toEqual(statusesOf(expected));
  expect(one?.code).toBe(expected.fail ? 1 : 0);
});
