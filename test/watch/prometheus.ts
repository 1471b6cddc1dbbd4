/** A series as Prometheus answers it: its labels, and its points as seconds and value. */
export interface Series {
  labels: Record<string, string>;
  points: [seconds: number, value: number][];
}

interface Answer {
  status: string;
  error?: string;
  data?: { result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[] };
}

/** A Prometheus that answers queries. */
export class Prometheus {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  /** Returns what an expression is at a moment, or now. */
  instant(expr: string, seconds?: number): Promise<Series[]> {
    return this.#ask("query", { query: expr, ...(seconds === undefined ? {} : { time: String(seconds) }) });
  }

  /** Returns what an expression was between two moments. */
  range(expr: string, { from, to, step }: { from: number; to: number; step: number }): Promise<Series[]> {
    return this.#ask("query_range", { query: expr, start: String(from), end: String(to), step: String(step) });
  }

  async #ask(path: string, parameters: Record<string, string>): Promise<Series[]> {
    const url = `${this.#base}/api/v1/${path}?${new URLSearchParams(parameters)}`;
    const answer = (await (await fetch(url)).json()) as Answer;
    if (answer.status !== "success") throw new Error(`Prometheus refuses ${parameters.query}: ${answer.error}`);
    return (answer.data?.result ?? []).map(({ metric, value, values }) => ({
      labels: metric,
      points: (values ?? (value ? [value] : [])).map(([seconds, text]) => [seconds, Number(text)]),
    }));
  }
}

/** Returns the name of a series as Grafana's legendFormat makes it of the labels. */
export const nameOf = (legendFormat: string, { labels }: Series): string =>
  legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? "").trim();
