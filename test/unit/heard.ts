import { type Observer, UNWATCHED } from "../../src/watch/observer.ts";

type Heard = { fact: keyof Observer } & Record<string, unknown>;

/** An observer that keeps all that it is told, in its order. */
export function hearing(): { observer: Observer; heard: Heard[]; named(...names: (keyof Observer)[]): Heard[] } {
  const heard: Heard[] = [];
  const names = Object.keys(UNWATCHED) as (keyof Observer)[];
  const methods = names.map((fact) => [fact, (told: object = {}) => void heard.push({ fact, ...told })]);
  const named = (...wanted: (keyof Observer)[]) => heard.filter(({ fact }) => wanted.includes(fact));
  return { observer: Object.fromEntries(methods), heard, named };
}
