import { type Cause, DICTIONARY, type Meaning, meaningsOf } from "../check/dictionary/dictionary.ts";
import type { Refusal } from "../site/tunnel-connections.ts";

/** What is said beside the reason, which stands in another line. */
const UNEXPLAINED: Cause = "certificate-refused";

/** Returns who refused whom by a line of Stunnel's, the reason rather than what is said beside it; undefined where nobody did. */
export function refusalIn(text: string): Refusal | undefined {
  let beside: Refusal | undefined;
  for (const { causes, refusedBy } of meaningsOf(text)) {
    const [cause] = causes;
    if (!refusedBy) continue;
    if (cause !== UNEXPLAINED) return { cause, refusedBy, explains: true };
    beside ??= { cause, refusedBy, explains: false };
  }
  return beside;
}

/** Every refusal that the dictionary knows, by its likeliest cause and by who refuses, each once. */
export function knownRefusals(): { cause: Cause; refusedBy: "here" | "far" }[] {
  const known = new Map<string, { cause: Cause; refusedBy: "here" | "far" }>();
  for (const { causes, refusedBy } of DICTIONARY as readonly Pick<Meaning, "causes" | "refusedBy">[])
    if (refusedBy) known.set(`${causes[0]} ${refusedBy}`, { cause: causes[0], refusedBy });
  return [...known.values()];
}
