import { expect } from "vitest";
import { follow, KILL_STUNNEL, must, signalSite } from "../sandbox/index.ts";
import type { Bench } from "./bench.ts";
import type { Fault } from "./fault.ts";

type Cause = NonNullable<Fault["cause"]>;

const healedBy = (heal: () => Promise<unknown>): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => void (await heal()),
});

const signalStunnel = (name: "STOP" | "CONT"): string => KILL_STUNNEL.replace("kill -9", `kill -${name}`);

/** The peer's Stunnel is there, and does nothing any more. */
export const stunnelHangs: Cause = async (bench) => {
  await bench.inSite("dpi", signalStunnel("STOP"));
  return healedBy(() => bench.inSite("dpi", signalStunnel("CONT")));
};

/** The peer's Stunnel has gone, and its site, which would end with it, does not notice. */
export const stunnelEnds: Cause = async (bench) => {
  await bench.inSite("dpi", `${signalSite("STOP")}; ${KILL_STUNNEL}`);
  return healedBy(async () => {
    // Docker starts the site again as soon as it ends
    await bench.inSite("dpi", signalSite("CONT"));
    const starts = () => bench.sandbox.inspect("dpi", "{{.State.Running}} {{.RestartCount}}");
    await expect.poll(starts, { timeout: 20_000, interval: 100 }).toMatch(/^true [1-9]/);
    await bench.isHealthy("dpi");
  });
};

/** A site that hangs, while its Stunnel goes on. */
export const siteHangs: Cause = async (bench) => {
  await bench.inSite("eai", signalSite("STOP"));
  return healedBy(() => bench.inSite("eai", signalSite("CONT")));
};

/** The peer's container has gone, and its name with it. */
export const siteStops: Cause = async (bench) => {
  await must("docker", ["kill", bench.ids.dpi]);
  return healedBy(async () => {
    await must("docker", ["start", bench.ids.dpi]);
    await bench.isHealthy("dpi");
  });
};

/** Changes certificates, by whose command there is a new state of the files; at last both sites have a good one. */
export const certsDo =
  (command: string[], isLoaded: boolean): Cause =>
  async (bench) => {
    const certs = (...args: string[]) => bench.sandbox.mustCompose("run", "--rm", "-T", "certs", "certs", ...args);
    await certs(...command);
    if (isLoaded) await bench.reload();
    return healedBy(async () => {
      if (isLoaded) await certs("rotate", "eai");
      await bench.reload();
    });
  };

/** The file is as it should be again, and Stunnel has not been told. */
export const confIsMended: Cause = async (bench) => {
  await bench.putBack("eai");
  return healedBy(async () => {});
};

/** Starts a program in DPI that goes on until the sandbox goes, and waits for its first words. */
const besideDpi =
  (words: RegExp, command: string[]): Cause =>
  async ({ sandbox }: Bench) => {
    const program = follow(sandbox, "dpi", command);
    await expect.poll(() => program.printed() + program.printedAside(), { timeout: 10_000 }).toMatch(words);
    return healedBy(async () => program[Symbol.dispose]());
  };

/** A listener of DPI beside its own. */
export const listener = (port: number, ...args: string[]): Cause =>
  besideDpi(/listening on/, ["listen", "--port", String(port), ...args]);

const node = (port: number, program: string): Cause => besideDpi(/ready/, ["node", "-e", program, String(port)]);

/** A listener that takes everything for good. */
export const acceptsAnything = (port: number): Cause =>
  node(
    port,
    `require("node:net").createServer((socket) => {
       socket.on("error", () => {}).on("data", (frame) => {
         const controlId = String(frame).split("\\r")[0].split("|")[9];
         if (controlId) socket.write("\\x0bMSH|^~\\\\&|DPI||EAI||20260101||ACK|1|T|2.6\\rMSA|AA|" + controlId + "\\r\\x1c\\r");
       });
     }).listen(process.argv[1], "127.0.0.1", () => console.log("ready"));`,
  );

/** A port of DPI on which the kernel drops what wants to connect: its queue is full, and nobody takes from it. */
export const dropsPackets = (port: number): Cause =>
  node(
    port,
    `const { connect, createServer } = require("node:net");
     const port = process.argv[1];
     createServer().listen({ port, host: "0.0.0.0", backlog: 1 }, () => {
       for (let count = 0; count < 8; count += 1) connect(port, "127.0.0.1");
       // behind the connects, and before anything that came is looked at
       process.nextTick(() => {
         require("node:fs").writeSync(1, "ready");
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
       });
     });`,
  );
