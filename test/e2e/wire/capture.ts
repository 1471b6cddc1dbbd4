import { spawn } from "node:child_process";
import { once } from "node:events";
import { must, ROOT, run, type Sandbox, TAG } from "../sandbox/index.ts";
import { type Packet, packetsOf } from "./packets.ts";

/** A tcpdump that runs in the network of EAI, and ends with its scope. */
export interface Capture extends AsyncDisposable {
  /** What crossed so far. */
  packets(): Packet[];
  /** Ends tcpdump and returns all that crossed. A packet that it could not keep up with is an error. */
  end(): Promise<Packet[]>;
}

const FILES = ["-f", "docker-compose.yml", "-f", "test/e2e/wire/capture.yml"];

/** Captures every interface of EAI, loopback too, from when this returns. */
export async function startCapture({ project }: Sandbox): Promise<Capture> {
  const compose = ["compose", "-p", project, ...FILES];
  await must("docker", [...compose, "build", "--quiet", "capture"]);
  const name = `${project}-capture`;
  const args = [...compose, "run", "--rm", "-T", "--no-deps", "--name", name, "capture"];
  const child = spawn("docker", args, { cwd: ROOT, env: { ...process.env, TAG }, stdio: ["ignore", "pipe", "pipe"] });
  const written: Buffer[] = [];
  let told = "";
  const listens = Promise.withResolvers<void>();
  child.stdout.on("data", (chunk) => written.push(chunk));
  child.stderr.on("data", (chunk) => {
    told += chunk;
    if (told.includes("listening on")) listens.resolve();
  });
  const closed = once(child, "close").then(() => listens.reject(new Error(`tcpdump has ended: ${told}`)));
  const packets = () => packetsOf(Buffer.concat(written));
  const stop = async () => {
    await run("docker", ["kill", "--signal", "INT", name]);
    await closed;
  };
  await listens.promise;
  return {
    packets,
    end: async () => {
      await stop();
      const all = packets();
      const [captured, dropped] = [/(\d+) packets captured/, /(\d+) packets dropped by kernel/].map((count) =>
        Number(count.exec(told)?.[1]),
      );
      if (captured !== all.length || dropped !== 0) throw new Error(`${all.length} packets read, but: ${told}`);
      return all;
    },
    [Symbol.asyncDispose]: stop,
  };
}
