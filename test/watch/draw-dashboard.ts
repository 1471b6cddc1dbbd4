import { Command } from "commander";
import { readDashboard } from "./dashboard.ts";
import { drawDashboard } from "./draw/page.ts";
import { Prometheus } from "./prometheus.ts";

const program = new Command("draw-dashboard")
  .description("Draws Grafana's dashboard as SVG, from its JSON and from what a Prometheus answers to its queries.")
  .argument("<prometheus>", "where it answers, as http://127.0.0.1:9090")
  .option("--minutes <minutes>", "how far back", "15")
  .option("--until <time>", "the last moment shown, as 2026-11-21T10:00:00Z (default: now)")
  .option("--mark <time=words...>", "what was done and when: a line in each panel, and its words above", [])
  .action(async (base: string, { minutes, until, mark }: { minutes: string; until?: string; mark: string[] }) => {
    const to = Math.floor((until ? Date.parse(until) : Date.now()) / 1000);
    const marks = mark.map((one) => {
      const [time = "", ...words] = one.split("=");
      return { seconds: Date.parse(time) / 1000, label: words.join("=") };
    });
    const from = to - Number(minutes) * 60;
    const span = { from, to, marks: marks.filter(({ seconds }) => seconds >= from && seconds <= to) };
    process.stdout.write(await drawDashboard(await readDashboard(), new Prometheus(base), span));
  });
await program.parseAsync();
