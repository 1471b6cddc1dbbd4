import { readFile } from "node:fs/promises";
import { ROOT } from "../e2e/sandbox/run.ts";

/** The dashboard as Grafana is given it. */
const DASHBOARD = "watch/grafana/dashboards/mllp-safetunnel.json";

interface Target {
  refId: string;
  expr: string;
  legendFormat: string;
  instant?: boolean;
}

interface Step {
  color: string;
  value: number | null;
}

interface Override {
  matcher: { id: "byName" | "byRegexp"; options: string };
  properties: { id: string; value: unknown }[];
}

/** What a field of a panel looks like, in Grafana's own words. */
interface FieldDefaults {
  unit: string;
  decimals?: number;
  min?: number;
  noValue?: string;
  color?: { mode: string; fixedColor?: string };
  thresholds?: { mode: "absolute"; steps: Step[] };
  mappings?: { type: "value"; options: Record<string, { text: string; color: string }> }[];
  custom?: {
    drawStyle?: "line" | "bars";
    fillOpacity?: number;
    scaleDistribution?: { type: "log"; log: number };
    axisSoftMax?: number;
    thresholdsStyle?: { mode: string };
  };
}

export interface Panel {
  id: number;
  type: "stat" | "timeseries" | "state-timeline";
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: Target[];
  fieldConfig: { defaults: FieldDefaults; overrides: Override[] };
  options: { textMode?: string; colorMode?: string };
}

/** A line between panels, which holds those that are folded away. */
interface Row extends Pick<Panel, "id" | "title" | "gridPos"> {
  type: "row";
  panels: Panel[];
}

/** The heading of a leg. */
interface Heading extends Pick<Panel, "id" | "title" | "gridPos"> {
  type: "text";
  options: { content: string };
}

export interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  panels: (Panel | Row | Heading)[];
}

/** Reads the dashboard. */
export async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readFile(`${ROOT}${DASHBOARD}`, "utf8")) as Dashboard;
}

/** Returns every panel that shows data, those of a folded row included. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.flatMap((panel) => (panel.type === "row" ? panel.panels : panel.type === "text" ? [] : [panel]));
}

/** Returns an expression as Grafana sends it to Prometheus at the dashboard's own zoom; a rate looks at one minute. */
export const asSent = (expr: string): string => expr.replaceAll("$__rate_interval", "1m");
