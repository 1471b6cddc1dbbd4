/** What stands in an expression as a bare word and is no metric. */
const WORDS = ["by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "and", "or", "unless"];

/** Returns the names of the metrics that an expression of Prometheus asks for, each once; a histogram's by its own name. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, "")
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "")
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, " ");
  const names = [...bare.matchAll(/(?<![\w:])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])/g)].map(([name]) => name);
  return [
    ...new Set(names.filter((name) => !WORDS.includes(name)).map((name) => name.replace(/_(bucket|sum|count)$/, ""))),
  ];
}
