import { readdirSync, readFileSync } from "node:fs";

/** Says whether a Stunnel runs on this machine, by the kernel's list of processes. */
export function stunnelRuns(): boolean {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.some((process) => /^stunnel/.test(commandOf(process)));
}

function commandOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/comm`, "utf8");
  } catch {
    // it ended in between
    return "";
  }
}
