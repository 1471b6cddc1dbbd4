import { joined, type Text } from "../../languages.ts";
import type { Endpoint } from "../../mllp/endpoint.ts";
import { endpointIn, isClient, type Options, optionsOf, type StunnelConf } from "../../site/stunnel-conf.ts";
import { type Finding, pass, type Status, skip } from "../finding.ts";
import type { FindingId } from "../questions.ts";

/** A service as it is judged. */
export interface Service {
  name: string;
  client: boolean;
  options: Options;
}

/** What a rule sees in one service; `fix` says which lines would help, and which lines they replace. */
export interface Seen {
  status: Exclude<Status, "skip">;
  detail: Text;
  fix?: { write: string[]; insteadOf?: string[] };
  /** What is to be done where that is no line to be written. */
  next?: Text;
}

/** Judges one service; undefined where it has nothing of what is asked. */
export type Rule = (service: Service) => Seen | undefined;

/** Returns the services of a configuration, each with the options that it really has. */
export const servicesOf = (conf: StunnelConf): Service[] =>
  [...conf.services].map(([name, own]) => {
    const options = optionsOf(conf, own);
    return { name, client: isClient(options), options };
  });

/** Returns the value of an option that has one. */
export const valueIn = ({ options }: Service, name: string): string | undefined => options.get(name.toLowerCase())?.[0];

/** Says whether an option is set to a word; Stunnel takes it in any case, and does not start with another. */
export const isSet = (service: Service, name: string, to: "yes" | "no"): boolean =>
  valueIn(service, name)?.toLowerCase() === to;

/** Returns an option as its line, or that it is not set. */
export function lineOf(service: Service, name: string): Text {
  const value = valueIn(service, name);
  if (value === undefined) return { en: `${name} is not set`, fr: `${name} n'est pas défini` };
  return { en: `${name} = ${value}`, fr: `${name} = ${value}` };
}

/** Returns the places that a service names, each with the text of its line. */
export const placesOf = ({ options }: Service, name: "accept" | "connect"): (Endpoint & { text: string })[] =>
  (options.get(name) ?? []).map((text) => ({ text, ...endpointIn(text, name === "connect" ? "localhost" : "") }));

/** Makes one finding of what a rule sees in all services: the worst of it counts, and is told. */
export function judgeEach(id: FindingId, services: Service[], path: string, rule: Rule, none: Text): Finding {
  const seen = services.flatMap((service) => {
    const one = rule(service);
    return one ? [{ name: `[${service.name}]`, ...one }] : [];
  });
  const worst = (["fail", "warn", "pass"] as const).find((status) => seen.some((one) => one.status === status));
  if (worst === undefined) return skip(id, none, NEEDS_SERVICE);
  const told = seen.filter(({ status }) => status === worst);
  const detail = joined(grouped(told, ({ detail: { en } }) => en).map((group) => under(group, group[0]?.detail)));
  if (worst === "pass") return pass(id, detail);
  const [first = []] = grouped(told, ({ fix }) => JSON.stringify(fix));
  return { id, status: worst, detail, hint: first[0]?.next ?? hintOf(first, path) };
}

const NEEDS_SERVICE: Text = {
  en: "it takes a service to which this applies",
  fr: "il faudrait un service que cela concerne",
};

type Named = Seen & { name: string };

function grouped(seen: Named[], key: (one: Named) => string): Named[][] {
  const groups = new Map<string, Named[]>();
  for (const one of seen) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups.values()];
}

const namesOf = (group: Named[]) => group.map(({ name }) => name).join(" ");

const under = (group: Named[], text: Text = { en: "", fr: "" }): Text => ({
  en: `${namesOf(group)} ${text.en}`,
  fr: `${namesOf(group)} ${text.fr}`,
});

function hintOf(group: Named[], path: string): Text {
  const { write = [], insteadOf = [] } = group[0]?.fix ?? {};
  const list = (lines: string[], [open, close]: [string, string]) =>
    lines.map((line) => `${open}${line}${close}`).join(", ");
  const en = list(write, ['"', '"']);
  const fr = list(write, ["« ", " »"]);
  const names = namesOf(group);
  if (insteadOf.length === 0)
    return { en: `write ${en} in ${names} of ${path}`, fr: `écrivez ${fr} dans ${names} de ${path}` };
  return {
    en: `write ${en} instead of ${list(insteadOf, ['"', '"'])} in ${names} of ${path}`,
    fr: `écrivez ${fr} à la place de ${list(insteadOf, ["« ", " »"])} dans ${names} de ${path}`,
  };
}

/** Returns the line of an option as what a fix replaces, if it has one. */
export const insteadOf = (service: Service, name: string) =>
  valueIn(service, name) === undefined ? {} : { insteadOf: [lineOf(service, name).en] };
