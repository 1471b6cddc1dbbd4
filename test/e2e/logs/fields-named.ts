import { readFile } from "node:fs/promises";
import { ROOT } from "../sandbox/run.ts";

/** How each example of a collector names the fields of a line that it reads. */
const NAMES: Record<string, RegExp> = {
  "fluent-bit.yaml": /(?:time_key: |\$|record\[")(?!severity)([a-zA-Z]+)/g,
  "vector.yaml": /(?<=\W)\.(?!message|timestamp|severity)([a-zA-Z]+)\b(?=\)|,| ==)/g,
  "config.alloy": /^ +\w+ += "(\w+)",$/gm,
};

/** Returns the fields of a line that the examples read, at least some of each. */
export async function fieldsNamed(): Promise<{ example: string; field: string }[]> {
  const named = await Promise.all(
    Object.entries(NAMES).map(async ([example, name]) => {
      const text = (await readFile(`${ROOT}docs/examples/logs/${example}`, "utf8")).replace(/^ *(#|\/\/).*$/gm, "");
      const fields = [...new Set([...text.matchAll(name)].map(([, field = ""]) => field))];
      if (fields.length < 3) throw new Error(`${example} names no fields in the way that is looked for: ${fields}`);
      return fields.map((field) => ({ example, field }));
    }),
  );
  return named.flat();
}
