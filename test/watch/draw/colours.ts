import type { Panel } from "../dashboard.ts";

/** Grafana's names of colours, as its light theme shows them. */
const NAMED: Record<string, string> = {
  green: "#37872d",
  red: "#e02f44",
  orange: "#ff780a",
  blue: "#3274d9",
  purple: "#8f3bb8",
  yellow: "#e0b400",
  transparent: "none",
  text: "#3f4551",
};

const PALETTE = ["#37872d", "#e0b400", "#3274d9", "#e02f44", "#8f3bb8", "#ff780a", "#0a8f8f", "#7a6248"];

const SHADES: Record<string, string[]> = {
  red: ["#e02f44", "#8f1425", "#f2808d", "#5c0b16"],
  orange: ["#ff780a", "#a34700", "#ffb357", "#6b2f00"],
};

export const colourNamed = (name: string): string => NAMED[name] ?? name;

/** How a series is drawn, by the panel's overrides and its place among the others. */
export function styleOf({ fieldConfig }: Panel, name: string, index: number): { colour: string; isDashed: boolean } {
  const properties = fieldConfig.overrides
    .filter(({ matcher }) =>
      matcher.id === "byName" ? matcher.options === name : expression(matcher.options).test(name),
    )
    .flatMap((override) => override.properties);
  const fixed = properties.findLast(({ id }) => id === "color")?.value as { fixedColor: string } | undefined;
  const { color } = fieldConfig.defaults;
  const shades = color?.mode === "shades" ? SHADES[color.fixedColor ?? ""] : undefined;
  const colours = shades ?? PALETTE;
  return {
    colour: fixed ? colourNamed(fixed.fixedColor) : (colours[index % colours.length] ?? "#000"),
    isDashed: properties.some(({ id }) => id === "custom.lineStyle"),
  };
}

/** Returns the colour of the threshold that a value has reached. */
export function reached({ fieldConfig }: Panel, value: number): string {
  const steps = fieldConfig.defaults.thresholds?.steps ?? [];
  return colourNamed(steps.findLast((step) => step.value === null || value >= step.value)?.color ?? "text");
}

/** Grafana writes an expression between slashes. */
const expression = (options: string) => new RegExp(options.replace(/^\/(.*)\/$/, "$1"));
