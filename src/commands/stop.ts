/** Docker gives 10 s from SIGTERM to SIGKILL; Stunnel's own end and the last log lines need the rest. */
export const STOP_GRACE_MS = 8000;

/** Returns a signal that aborts at the first SIGTERM or SIGINT, or when nobody reads on; a second one ends the process. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.stdout.on("error", () => controller.abort("EPIPE"));
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort(name);
    });
  }
  return controller.signal;
}

/** Waits, and no longer than until the stop, or until something else that is named. */
export async function pauseUnlessStopped(ms: number, stop: AbortSignal, sooner?: Promise<void>): Promise<void> {
  if (stop.aborted) return;
  const over = Promise.withResolvers<void>();
  const end = () => over.resolve();
  const timer = setTimeout(end, ms);
  stop.addEventListener("abort", end);
  sooner?.then(end);
  await over.promise;
  clearTimeout(timer);
  stop.removeEventListener("abort", end);
}
