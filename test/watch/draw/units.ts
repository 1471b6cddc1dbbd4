/** Writes a value as Grafana does in a unit of its own, or in one that is a suffix. */
export function inUnit(value: number, unit: string, decimals?: number): string {
  if (unit.startsWith("suffix:")) return `${figure(value, decimals)}${unit.slice("suffix:".length)}`;
  if (unit === "percentunit") return `${figure(value * 100, decimals)} %`;
  if (unit === "decbytes") return scaled(value, ["B", "kB", "MB", "GB"], decimals);
  if (unit === "s") return seconds(value, decimals);
  return figure(value, decimals);
}

function seconds(value: number, decimals?: number): string {
  const most = Math.abs(value);
  if (most === 0) return "0 s";
  if (most < 1) return `${figure(value * 1000, decimals)} ms`;
  return most < 120 ? `${figure(value, decimals)} s` : `${figure(value / 60, 1)} min`;
}

function scaled(value: number, units: string[], decimals?: number): string {
  const base = 1000;
  const power = value < base ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(base)));
  return `${figure(value / base ** power, decimals)} ${units[power]}`;
}

function figure(value: number, decimals?: number): string {
  const places = decimals ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
  return String(Number(value.toFixed(places)));
}
