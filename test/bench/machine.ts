import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import type { Sandbox } from "../e2e/sandbox/index.ts";

/** What the figures were measured on. */
export interface Machine {
  processors: string;
  memoryGiB: number;
  kernel: string;
  /** Of the last minute before the bench began. */
  loadBefore: number;
  node: string;
  stunnel: string;
  virtual: boolean;
}

/** Reads what machine this is; a bench that does not say so is worth nothing elsewhere. */
export async function machineOf(sandbox: Sandbox): Promise<Machine> {
  const [node, stunnel] = await Promise.all([
    sandbox.mustExec("eai", "node", "--version"),
    sandbox.shell(
      "eai",
      "stunnel -version 2>&1 | sed -n 's/.*\\(stunnel [0-9.]*\\) .*/\\1/p;s/.*\\(OpenSSL [0-9.]*\\) .*/\\1/p' | sort -u",
    ),
  ]);
  const facts = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadBefore: loadavg()[0] ?? 0,
    node: node.trim(),
    stunnel: stunnel.trim().replaceAll("\n", ", "),
    virtual: facts.includes("hypervisor"),
  };
}
