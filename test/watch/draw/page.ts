import { asSent, type Dashboard, type Panel } from "../dashboard.ts";
import { nameOf, type Prometheus } from "../prometheus.ts";
import { stat } from "./stat.ts";
import { stateTimeline } from "./state-timeline.ts";
import { type Box, clock, FAINT, INK, type Named, rectangle, type Span, text } from "./svg.ts";
import { timeseries } from "./timeseries.ts";

/** Grafana's grid: 24 columns, rows of 30 pixels, 8 pixels between. */
const COLUMN = 70;
const ROW = 30;
const GAP = 8;
const WIDTH = 24 * COLUMN + GAP;
const POINTS = 90;

/** Draws the dashboard as one SVG page with the data of a Prometheus, the folded rows left out. */
export async function drawDashboard(dashboard: Dashboard, prometheus: Prometheus, span: Span): Promise<string> {
  const step = Math.max(5, Math.ceil((span.to - span.from) / POINTS));
  const head = 62 + 17 * Math.ceil(span.marks.length / 2);
  const drawn: string[] = [];
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const box = {
      x: x * COLUMN + GAP,
      y: head + y * (ROW + GAP),
      width: w * COLUMN - GAP,
      height: h * (ROW + GAP) - GAP,
    };
    if (panel.type === "row") drawn.push(text(box.x + 2, box.y + 24, panel.title, { size: 16, isBold: true }));
    else if (panel.type === "text") drawn.push(heading(panel.options.content, box));
    else drawn.push(framed(panel, box, await inner(panel, inside(box), prometheus, span, step)));
  }
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = head + bottom * (ROW + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="Inter, Helvetica, Arial, sans-serif">
<title>The dashboard ${dashboard.title}, drawn from its own JSON with the data of a real Prometheus</title>
${rectangle({ x: 0, y: 0, width: WIDTH, height }, "#f4f5f5")}
${header(dashboard, span).join("\n")}
${drawn.join("\n")}
</svg>
`;
}

function header({ title }: Dashboard, { from, to, marks }: Span): string[] {
  const day = new Date(from * 1000).toISOString().slice(0, 10);
  return [
    text(GAP + 2, 28, title, { size: 20, isBold: true }),
    text(
      GAP + 2,
      48,
      `Drawn from the dashboard's own JSON and what a real Prometheus answered, ${day} ${clock(from)} to ${clock(to)} UTC; Grafana's own picture differs in its looks.`,
      { size: 12, fill: FAINT },
    ),
    ...marks.map(({ seconds, label }, index) =>
      text(
        GAP + 2 + (index % 2) * 12 * COLUMN,
        68 + 17 * Math.floor(index / 2),
        `${index + 1}  ${clock(seconds)}  ${label}`,
        {
          size: 13,
        },
      ),
    ),
  ];
}

/** A heading of markdown and a line below it. */
function heading(content: string, { x, y }: Box): string {
  const [first = "", second = ""] = content.split("\n");
  return [
    text(x + 2, y + 30, first.replace(/^#+ /, ""), { size: 22, isBold: true }),
    text(x + 2, y + 52, second, { size: 13, fill: FAINT }),
  ].join("\n");
}

const inside = ({ x, y, width, height }: Box): Box => ({ x: x + 8, y: y + 26, width: width - 16, height: height - 32 });

const framed = ({ title }: Panel, box: Box, content: string) =>
  [
    rectangle(box, "#fff", ' stroke="#dcdfe3" rx="3"'),
    text(box.x + 8, box.y + 18, title, { size: 12.5, isBold: true, fill: INK, within: box.width - 12 }),
    content,
  ].join("\n");

async function inner(panel: Panel, box: Box, prometheus: Prometheus, span: Span, step: number): Promise<string> {
  const series: Named[] = [];
  for (const { expr, legendFormat, instant } of panel.targets) {
    const found = await (instant
      ? prometheus.instant(asSent(expr), span.to)
      : prometheus.range(asSent(expr), { ...span, step }));
    series.push(...found.map((one) => ({ name: nameOf(legendFormat, one), points: one.points })));
  }
  if (panel.type === "stat") return stat(panel, box, series);
  if (panel.type === "state-timeline") return stateTimeline(panel, box, series, span, step);
  return timeseries(panel, box, series, span);
}
