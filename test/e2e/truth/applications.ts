import { acceptsAnything, listener } from "./causes.ts";
import type { Change, Fault } from "./fault.ts";

const behind = (port: number): Change => ({ from: { connect: `127.0.0.1:${port}` } });

const answering = (port: number, answer: string): Pick<Fault, "dpi" | "cause" | "fails"> => ({
  dpi: behind(port),
  cause: listener(port, "--answer", answer),
  fails: ["exchange.acknowledged"],
});

const SOON = ["--exchange", "--timeout", "1s"];

/** What may be wrong with the applications behind the tunnels. */
export const APPLICATIONS: Fault[] = [
  {
    name: "peer's application: down",
    dpi: behind(21090),
    fails: ["exchange.tunnel"],
    to: "application-down",
  },
  { name: "peer's application: silent", ...answering(21091, "silent"), args: SOON, to: "application-silent" },
  { name: "peer's application: answers AE", ...answering(21092, "AE"), to: "application-negative", says: /\bAE\b/ },
  { name: "peer's application: answers AR", ...answering(21093, "AR"), to: "application-negative", says: /\bAR\b/ },
  {
    name: "peer's application: closes",
    ...answering(21094, "close"),
    to: "application-silent",
    says: /ends the connection/,
  },
  { name: "peer's application: late", ...answering(21095, "late 20s"), args: SOON, to: "application-silent" },
  {
    name: "peer's application: takes anything",
    dpi: behind(21096),
    cause: acceptsAnything(21096),
    fails: ["exchange.negative"],
  },
  {
    name: "our listener: down",
    eai: { from: { connect: "127.0.0.1:22090" } },
    fails: ["exchange.from"],
    from: "application-down",
  },
];
