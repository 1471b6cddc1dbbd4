import type { Sandbox, SiteName } from "./sandbox.ts";

/** Asks a site on its loopback, and returns status and body. */
export async function ask(sandbox: Sandbox, site: SiteName, path: string): Promise<{ status: number; body: string }> {
  const request = `printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`;
  const answer = await sandbox.shell(site, `exec 3<>/dev/tcp/127.0.0.1/9464; ${request}`);
  const [head = "", ...body] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), body: body.join("\r\n\r\n") };
}

/** Returns the metrics of a site as Prometheus reads them. */
export const scrape = async (sandbox: Sandbox, site: SiteName): Promise<string> =>
  (await ask(sandbox, site, "/metrics")).body;

/** Returns the series of some metrics that are not at 0, with their labels as they stand there. */
export function counted(text: string, ...names: string[]): Record<string, number> {
  const lines = text.split("\n").filter((line) => names.some((name) => line.startsWith(`${name}{`)));
  const series = lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))] as const);
  return Object.fromEntries(series.filter(([, value]) => value !== 0));
}
