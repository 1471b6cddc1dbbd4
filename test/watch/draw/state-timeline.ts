import type { Panel } from "../dashboard.ts";
import { reached } from "./colours.ts";
import { type Box, clock, FAINT, line, type Named, rectangle, type Span, text } from "./svg.ts";

const LABELS = 210;

/** Draws a row for each series, with a bar for as long as it was there, in the colour of its threshold. */
export function stateTimeline(
  panel: Panel,
  box: Box,
  series: Named[],
  { from, to, marks }: Span,
  step: number,
): string {
  const { noValue = "No data" } = panel.fieldConfig.defaults;
  if (series.length === 0)
    return text(box.x + box.width / 2, box.y + box.height / 2, noValue, { size: 13, anchor: "middle", fill: FAINT });
  const plot = { x: box.x + LABELS, y: box.y + 2, width: box.width - LABELS, height: box.height - 18 };
  const x = (seconds: number) => plot.x + (plot.width * (Math.min(seconds, to) - from)) / (to - from);
  const row = Math.min(24, plot.height / series.length);
  const at = Array.from({ length: 4 }, (_, index) => from + ((to - from) * (index + 0.5)) / 4);
  return [
    ...marks.flatMap(({ seconds }, index) => [
      line(x(seconds), plot.y, x(seconds), plot.y + plot.height, FAINT, ' stroke-dasharray="1 3"'),
      text(x(seconds) + 2, plot.y + plot.height - 2, String(index + 1), { size: 9, fill: FAINT }),
    ]),
    ...series.flatMap(({ name, points }, index) => [
      text(plot.x - 8, plot.y + (index + 0.5) * row + 4, name, {
        anchor: "end",
        size: Math.min(11, row - 1),
        within: LABELS,
      }),
      ...stretches(points, step).map(([begin, end, value]) => {
        const place = { x: x(begin), y: plot.y + (index + 0.1) * row, width: x(end) - x(begin), height: row * 0.8 };
        return rectangle(place, reached(panel, value), ' rx="2"');
      }),
    ]),
    ...at.map((seconds) =>
      text(x(seconds), box.y + box.height - 2, clock(seconds).slice(0, 5), { size: 10, anchor: "middle", fill: FAINT }),
    ),
  ].join("\n");
}

/** From when to when a series had a value, each stretch without a hole once. */
function stretches(points: Named["points"], step: number): [begin: number, end: number, value: number][] {
  const found: [number, number, number][] = [];
  for (const [seconds, value] of points) {
    const last = found.at(-1);
    if (last && last[2] === value && seconds - last[1] <= step / 2) last[1] = seconds + step;
    else found.push([seconds, seconds + step, value]);
  }
  return found;
}
