import { readdirSync, readFileSync } from "node:fs";

/** Says whether a Stunnel runs on this machine, by the kernel's list of processes. */
export function stunnelRuns(): boolean {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  // Z is a process that has ended, and whose parent has not looked
  return processes.some((process) => /^\d+ \(stunnel[^)]*\) [^Z]/.test(statOf(process)));
}

function statOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/stat`, "utf8");
  } catch {
    // it ended in between
    return "";
  }
}
