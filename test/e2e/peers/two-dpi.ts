import { randomUUID } from "node:crypto";
import { must, run, Sandbox, TAG } from "../sandbox/index.ts";

const FILES = ["docker-compose.yml", "docs/examples/haproxy/haproxy.yml"];

/** A DPI behind HAProxy. */
export type Dpi = "dpi-a" | "dpi-b";

/** What "queue --json" says of the outbox. */
interface Outbox {
  waiting: number;
  setAside: number;
  messages: { tries: number }[];
}

/** What "queue delivered --json" says of a message. */
interface Delivered {
  controlId: string;
  code: string;
}

const documentsIn = <T>(lines: string): T[] =>
  lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

/** The example of HAProxy with two DPI behind it, as its user meets it. */
export class TwoDpi extends Sandbox {
  /** Puts messages into the outbox of EAI, and returns their control IDs. */
  async queue(count: number): Promise<string[]> {
    const taken = await this.mustExec("eai", "send", "--queue", "--count", String(count), "--json");
    return documentsIn<{ controlId: string }>(taken).map(({ controlId }) => controlId);
  }

  async outbox(): Promise<Outbox> {
    return JSON.parse(await this.mustExec("eai", "queue", "--json")) as Outbox;
  }

  async delivered(last: number): Promise<Delivered[]> {
    return documentsIn(await this.mustExec("eai", "queue", "delivered", "--json", "--last", String(last)));
  }

  /** Returns the control IDs of what a DPI has stored and accepted, in the order of their arrival. */
  async storedBy(dpi: Dpi): Promise<string[]> {
    const journal = await this.inDpi(dpi, "listen", "--no-follow", "--json", "--last", "5000");
    const accepted = documentsIn<{ controlId: string; code: string }>(journal).filter(({ code }) => code === "AA");
    return accepted.map(({ controlId }) => controlId);
  }

  /** Runs a command in a DPI that has to succeed. */
  inDpi(dpi: Dpi, ...command: string[]): Promise<string> {
    return must("docker", ["exec", this.#named(dpi), ...command]);
  }

  /** Signals containers; SIGKILL is what a crash looks like, and nothing starts them again. */
  async signal(name: "KILL" | "USR2", ...services: (Dpi | "haproxy")[]): Promise<void> {
    await must("docker", ["kill", "--signal", name, ...services.map((service) => this.#named(service))]);
  }

  async haproxyLog(): Promise<string> {
    const { stdout, stderr } = await run("docker", ["logs", this.#named("haproxy")]);
    return stdout + stderr;
  }

  #named(service: string): string {
    return `${this.project}-${service}-1`;
  }
}

/** Starts EAI, HAProxy and two DPI. */
export async function startTwoDpi(settings: Record<string, string> = {}): Promise<TwoDpi & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const environment = { TAG, EAI_TLS_PORT: "0", SEND_EVERY: "off", HEALTH_INTERVAL: "2s", ...settings };
  const two = new TwoDpi(`safetunnel-test-${randomUUID().slice(0, 8)}`, environment, FILES);
  started.defer(async () => {
    if (!process.env.KEEP_SANDBOX) await two.mustCompose("down", "--volumes", "--timeout", "0");
  });
  await two.mustCompose("up", "--build", "--detach", "--wait", "eai", "haproxy");
  const closing = started.move();
  return Object.assign(two, { [Symbol.asyncDispose]: () => closing.disposeAsync() });
}
