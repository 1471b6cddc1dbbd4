import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { must, ROOT, Sandbox, TAG } from "../sandbox/index.ts";

const FILES = ["docker-compose.yml", "test/e2e/peers/haproxy.yml"];

/** HAProxy over the files of a folder, with a listener behind it, as many peers as haproxy.cfg describes. */
export async function startHaproxy(pki: string) {
  const project = `safetunnel-test-${randomUUID().slice(0, 8)}`;
  const sandbox = new Sandbox(project, { TAG, PEERS_PKI: pki }, FILES);
  await using started = new AsyncDisposableStack();
  started.defer(async () => void (await sandbox.compose(["down", "--volumes", "--timeout", "2"])));
  await sandbox.mustCompose("up", "--build", "--detach", "--wait", "--no-deps", "haproxy", "application");
  const ports = await portsOf(`${project}-haproxy-1`);
  const closing = started.move();
  return { ports, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Returns the ports of the host by the peer's name. */
async function portsOf(container: string): Promise<Record<string, number>> {
  const [described, published] = await Promise.all([
    readFile(join(ROOT, "test/e2e/peers/haproxy.cfg"), "utf8"),
    must("docker", ["port", container]),
  ]);
  const hostPorts = new Map(
    [...published.matchAll(/^(\d+)\/tcp -> .*:(\d+)$/gm)].map(([, inside, host]) => [inside, host]),
  );
  const frontends = described.matchAll(/^frontend (\S+)\n\s+bind :(\d+)/gm);
  return Object.fromEntries([...frontends].map(([, name = "", inside]) => [name, Number(hostPorts.get(inside))]));
}
