import { expect, test } from "vitest";
import { panelsOf, readDashboard } from "../watch/dashboard.ts";
import { drawDashboard } from "../watch/draw/page.ts";
import { inUnit } from "../watch/draw/units.ts";
import type { Prometheus, Series } from "../watch/prometheus.ts";

const dashboard = await readDashboard();
const SPAN = { from: 1000, to: 1900, marks: [{ seconds: 1300, label: "DPI is <stopped>" }] };

/** Draws the dashboard over a Prometheus that answers some expressions, each with one value at all times. */
async function draw(values: Record<string, [labels: Record<string, string>, value: number]>): Promise<string> {
  const answer = (expr: string, seconds: number[]): Series[] => {
    const found = Object.entries(values).find(([words]) => expr.includes(words))?.[1];
    return found ? [{ labels: found[0], points: seconds.map((second) => [second, found[1]]) }] : [];
  };
  const prometheus = {
    instant: async (expr: string, seconds = 0) => answer(expr, [seconds]),
    range: async (expr: string) => answer(expr, [1000, 1010, 1020]),
  };
  return await drawDashboard(dashboard, prometheus as unknown as Prometheus, SPAN);
}

test("every panel is in the picture, and one without data says so in its own words", async () => {
  const svg = await draw({});
  const panels = panelsOf(dashboard);
  for (const { title } of panels) expect(svg).toContain(`>${title}<`);
  const count = (words: string) => svg.split(`>${words}<`).length - 1;
  expect(count("no alert fires")).toBe(1);
  expect(count("nothing refused")).toBe(2);
  expect(svg).toContain("1  00:21:40  DPI is &lt;stopped&gt;");
});

test("a state has the words and the colour of its mapping, a value those of its unit and threshold", async () => {
  const link = 'mllp_link_up{leg="eai-to-dpi"}';
  const up = await draw({ [link]: [{}, 1] });
  const down = await draw({ [link]: [{}, 0] });
  expect([up.includes(">answers<"), up.includes(">NO ANSWER<")]).toEqual([true, false]);
  expect([down.includes(">answers<"), down.includes(">NO ANSWER<")]).toEqual([false, true]);
  const left = 'stunnel_certificate_expiry_timestamp_seconds{site="eai"}';
  const colourOf = async (days: number) =>
    /fill="(#\w+)" rx="3"\/>\n<text[^>]*>\d+ d</.exec(await draw({ [left]: [{ certificate: "own" }, days] }))?.[1];
  expect([await colourOf(31), await colourOf(29), await colourOf(6)]).toEqual(["#37872d", "#ff780a", "#e02f44"]);
});

test("a series is named by its labels, and a threshold is a line where the scale reaches it", async () => {
  const svg = await draw({ mllp_outbox_messages: [{}, 600], mllp_exchange_failures_total: [{ error: "cut" }, 3] });
  expect(svg).toContain(">cut<");
  const lines = (of: string) => svg.split(` stroke="${of}" stroke-dasharray="6 4"/>`).length - 1;
  // 500 in the queue of each leg
  expect(lines("#e02f44")).toBe(2);
  expect((await draw({ mllp_outbox_messages: [{}, 90] })).split('#ff780a" stroke-dasharray').length - 1).toBe(2);
});

test.each([
  [0.0384, "s", undefined, "38.4 ms"],
  [150, "s", undefined, "2.5 min"],
  [9040, "decbytes", undefined, "9.04 kB"],
  [0.021, "percentunit", 1, "2.1 %"],
  [12.5, "suffix: msg/s", undefined, "12.5 msg/s"],
])("%s in %s is written %s%s", (value, unit, decimals, words) => {
  expect(inUnit(value, unit, decimals)).toBe(words);
});
