import type { Panel } from "../dashboard.ts";
import { colourNamed, reached } from "./colours.ts";
import { type Box, FAINT, INK, type Named, rectangle, text, widthOf } from "./svg.ts";
import { inUnit } from "./units.ts";

/** How much wider bold letters are. */
const BOLD = 1.3;

/** Draws the last value of each series, large, on the colour of its threshold where the panel says so. */
export function stat(panel: Panel, box: Box, series: Named[]): string {
  const { noValue = "No data" } = panel.fieldConfig.defaults;
  if (series.length === 0)
    return text(box.x + box.width / 2, box.y + box.height / 2 + 5, noValue, {
      size: 15,
      anchor: "middle",
      fill: FAINT,
      within: box.width,
    });
  if (panel.options.textMode === "name" && panel.options.colorMode === "none")
    return series.map(({ name }, index) => text(box.x, box.y + 16 + index * 18, name, { size: 12 })).join("\n");
  const width = box.width / series.length;
  return series
    .map((one, index) => value(panel, { ...box, x: box.x + index * width, width: width - 4 }, one, series.length > 1))
    .join("\n");
}

function value(panel: Panel, box: Box, { name, points }: Named, isOneOfSeveral: boolean): string {
  const { unit, decimals, mappings = [], color } = panel.fieldConfig.defaults;
  const last = points.at(-1)?.[1] ?? Number.NaN;
  const mapped = mappings.map(({ options }) => options[String(last)]).find(Boolean);
  const colour = mapped
    ? colourNamed(mapped.color)
    : color?.mode === "thresholds"
      ? reached(panel, last)
      : colourNamed(color?.fixedColor ?? "text");
  const words = panel.options.textMode === "name" ? name : (mapped?.text ?? inUnit(last, unit, decimals));
  const isFilled = panel.options.colorMode === "background";
  const hasName = isOneOfSeveral || panel.options.textMode === "value_and_name";
  const size = Math.min(30, box.height * (hasName ? 0.42 : 0.55), (box.width - 12) / (widthOf(words, 1) * BOLD));
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const fill = isFilled ? "#fff" : colour;
  return [
    ...(isFilled ? [rectangle(box, colour, ' rx="3"')] : []),
    text(middle.x, middle.y + size * 0.35 + (hasName ? 8 : 0), words, {
      size: Math.round(size),
      anchor: "middle",
      fill,
      isBold: true,
    }),
    ...(hasName
      ? [
          text(middle.x, box.y + 15, name, {
            size: 11,
            anchor: "middle",
            fill: isFilled ? "#fff" : INK,
            within: box.width,
          }),
        ]
      : []),
  ].join("\n");
}
