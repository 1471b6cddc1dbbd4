import type { Panel } from "../dashboard.ts";
import { colourNamed, styleOf } from "./colours.ts";
import { linear, logarithmic } from "./scale.ts";
import { type Box, clock, FAINT, GRID, line, type Named, rectangle, round, type Span, text, widthOf } from "./svg.ts";
import { inUnit } from "./units.ts";

const AXIS = { left: 58, bottom: 16 };
const LEGEND_ROW = 15;

/** Draws lines or stacked bars over time, with thresholds as dashed lines and a legend below. */
export function timeseries(panel: Panel, box: Box, series: Named[], span: Span): string {
  const { unit, decimals, thresholds, custom, noValue = "No data" } = panel.fieldConfig.defaults;
  if (series.length === 0)
    return text(box.x + box.width / 2, box.y + box.height / 2, noValue, { size: 13, anchor: "middle", fill: FAINT });
  const legend = legendOf(panel, box, series);
  const isStacked = custom?.drawStyle === "bars";
  const plot = {
    x: box.x + AXIS.left,
    y: box.y + 4,
    width: box.width - AXIS.left - 4,
    height: box.height - AXIS.bottom - 8 - legend.height,
  };
  const values = (
    isStacked ? stackedTops(series) : series.flatMap(({ points }) => points.map(([, value]) => value))
  ).filter(Number.isFinite);
  const scale = (custom?.scaleDistribution ? logarithmic : linear)(values, custom?.axisSoftMax);
  const y = (value: number) => plot.y + plot.height * (1 - Math.min(1, Math.max(0, scale.at(value))));
  const x = (seconds: number) => plot.x + (plot.width * (seconds - span.from)) / (span.to - span.from);
  const lines = (thresholds?.steps ?? []).filter(({ value }) => value !== null && scale.at(value) <= 1);
  return [
    ...scale.ticks.map((tick) => line(plot.x, y(tick), plot.x + plot.width, y(tick), GRID)),
    ...scale.ticks.map((tick) =>
      text(plot.x - 5, y(tick) + 3.5, inUnit(tick, unit, decimals), { size: 10, anchor: "end", fill: FAINT }),
    ),
    ...times(plot, x, span),
    ...(isStacked ? bars(panel, series, x, y) : series.flatMap((one, index) => drawn(panel, one, index, x, y))),
    ...lines.map(({ value, color }) =>
      line(plot.x, y(value ?? 0), plot.x + plot.width, y(value ?? 0), colourNamed(color), ' stroke-dasharray="6 4"'),
    ),
    ...legend.parts,
  ].join("\n");
}

type Along = (value: number) => number;

/** The hours below, and what was done to the sandbox as numbered lines. */
function times(plot: Box, x: Along, { from, to, marks }: Span): string[] {
  const count = plot.width > 220 ? 4 : 2;
  const at = Array.from({ length: count }, (_, index) => from + ((to - from) * (index + 0.5)) / count);
  const below = plot.y + plot.height + 13;
  return [
    ...at.map((seconds) =>
      text(x(seconds), below, clock(seconds).slice(0, 5), { size: 10, anchor: "middle", fill: FAINT }),
    ),
    ...marks.flatMap(({ seconds }, index) => [
      line(x(seconds), plot.y, x(seconds), plot.y + plot.height, FAINT, ' stroke-dasharray="1 3"'),
      text(x(seconds) + 2, plot.y + 8, String(index + 1), { size: 9, fill: FAINT }),
    ]),
  ];
}

/** A line for each stretch without a hole, with a faint area below. */
function drawn(panel: Panel, { name, points }: Named, index: number, x: Along, y: Along): string[] {
  const { colour, isDashed } = styleOf(panel, name, index);
  const finite = points.filter(([, value]) => Number.isFinite(value));
  const apart = 1.5 * stepOf(points);
  const stretches: Named["points"][] = [];
  for (const [at, point] of finite.entries()) {
    const before = finite[at - 1];
    if (before && point[0] - before[0] <= apart) stretches.at(-1)?.push(point);
    else stretches.push([point]);
  }
  return stretches.map((stretch) => {
    const path = stretch.map(([seconds, value]) => `${round(x(seconds))} ${round(y(value))}`).join("L");
    const dash = isDashed ? ' stroke-dasharray="6 4"' : "";
    return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linecap="round"${dash}/>`;
  });
}

const stepOf = (points: Named["points"]) =>
  Math.min(...points.slice(1).map(([seconds], index) => seconds - (points[index]?.[0] ?? 0)), 60);

function stackedTops(series: Named[]): number[] {
  const tops = new Map<number, number>();
  for (const { points } of series)
    for (const [seconds, value] of points) tops.set(seconds, (tops.get(seconds) ?? 0) + value);
  return [...tops.values()];
}

function bars(panel: Panel, series: Named[], x: Along, y: Along): string[] {
  const tops = new Map<number, number>();
  const step = Math.min(...series.map(({ points }) => stepOf(points)));
  return series.flatMap(({ name, points }, index) =>
    points.map(([seconds, value]) => {
      const below = tops.get(seconds) ?? 0;
      tops.set(seconds, below + value);
      const width = Math.max(1.5, x(step) - x(0));
      const top = y(below + value);
      const bar = { x: x(seconds) - width / 2, y: top, width, height: y(below) - top };
      return rectangle(bar, styleOf(panel, name, index).colour, ' shape-rendering="crispEdges"');
    }),
  );
}

/** The names of the series, in as many rows at the bottom as they need. */
function legendOf(panel: Panel, box: Box, series: Named[]): { parts: string[]; height: number } {
  const places: { x: number; row: number }[] = [];
  let [at, row] = [0, 0];
  for (const { name } of series) {
    const width = Math.min(box.width, widthOf(name, 11) + 32);
    if (at > 0 && at + width > box.width) [at, row] = [0, row + 1];
    places.push({ x: at, row });
    at += width;
  }
  const height = (row + 1) * LEGEND_ROW;
  const parts = series.flatMap(({ name }, index) => {
    const place = places[index] ?? { x: 0, row: 0 };
    const x = box.x + place.x;
    const y = box.y + box.height - height + place.row * LEGEND_ROW + 10;
    const { colour, isDashed } = styleOf(panel, name, index);
    return [
      line(x, y - 4, x + 12, y - 4, colour, ` stroke-width="3"${isDashed ? ' stroke-dasharray="3 2"' : ""}`),
      text(x + 16, y, name, { size: 11, within: box.width - 16 }),
    ];
  });
  return { parts, height };
}
