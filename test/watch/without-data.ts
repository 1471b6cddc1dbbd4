import { asSent, type Panel } from "./dashboard.ts";
import type { Prometheus } from "./prometheus.ts";

/** Returns the queries of panels that gave nothing since a moment, each with the title of its panel. */
export async function withoutData(prometheus: Prometheus, panels: Panel[], from: number): Promise<string[]> {
  const span = { from, to: Date.now() / 1000, step: 1 };
  const asked = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
  const answers = await Promise.all(asked.map(({ expr }) => prometheus.range(asSent(expr), span)));
  return asked.filter((_, index) => answers[index]?.length === 0).map(({ title, expr }) => `${title}: ${expr}`);
}
