import type { Sandbox } from "../../e2e/sandbox/index.ts";
import { note, type Rounds, timed } from "./rounds.ts";

/** Measures one "send" as a person starts it, and the parts of the way to it, each of which contains the one before. */
export async function measureSends(rows: Rounds, sandbox: Sandbox): Promise<void> {
  const inSite = (...command: string[]) => sandbox.mustExec("eai", ...command);
  await timed(rows, "docker exec eai true", () => inSite("true"));
  await timed(rows, "docker exec eai node --eval 0", () => inSite("node", "--eval", "0"));
  await timed(rows, "docker exec eai send --help", () => inSite("send", "--help"));
  const { durationMs } = await timed(rows, "docker exec eai send", async () =>
    JSON.parse(await inSite("send", "--json")),
  );
  note(rows, "of it the exchange", durationMs);
  await timed(rows, "docker compose exec eai true", () => sandbox.mustCompose("exec", "-T", "eai", "true"));
  await timed(rows, "docker compose exec eai send", () => sandbox.mustCompose("exec", "-T", "eai", "send"));
}
