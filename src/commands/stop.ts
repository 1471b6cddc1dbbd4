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
