import { joined, same, type Text } from "../../languages.ts";
import { lineOf, type Seen, type Service, valueIn } from "./services.ts";

const LIMITS = { busyMaxS: 60, idleMinS: 3600 };

/** Judges whether a silent peer is noticed, and an idle link left alone. */
export function timeLimits(service: Service): Seen {
  const busy = lineOf(service, "TIMEOUTbusy");
  const idle = lineOf(service, "TIMEOUTidle");
  const wrong: { detail: Text; write: string[]; old?: string }[] = [];
  if (!(Number(valueIn(service, "TIMEOUTbusy") ?? 300) <= LIMITS.busyMaxS))
    wrong.push({
      detail: {
        en: `${busy.en}: a silent peer holds the sender up for ${valueIn(service, "TIMEOUTbusy") ?? 300} s`,
        fr: `${busy.fr} : un pair muet retient l'émetteur ${valueIn(service, "TIMEOUTbusy") ?? 300} s`,
      },
      write: ["TIMEOUTbusy = 10"],
      ...(valueIn(service, "TIMEOUTbusy") !== undefined && { old: busy.en }),
    });
  if (!(Number(valueIn(service, "TIMEOUTidle") ?? 43200) >= LIMITS.idleMinS))
    wrong.push({
      detail: {
        en: `${idle.en}: idle links and slow acknowledgments are cut, and what was processed is sent again`,
        fr: `${idle.fr} : liaisons inactives et acquittements lents sont coupés, et ce qui a été traité est renvoyé`,
      },
      write: ["TIMEOUTidle = 43200"],
      old: idle.en,
    });
  const silent = ["l", "r"].filter((side) => !keepsAlive(service, side));
  if (silent.length > 0)
    wrong.push({
      detail: {
        en: `no SO_KEEPALIVE (${silent.join(", ")}): a dead link is found by TIMEOUTidle only`,
        fr: `pas de SO_KEEPALIVE (${silent.join(", ")}) : une liaison morte n'est découverte que par TIMEOUTidle`,
      },
      write: silent.map((side) => `socket = ${side}:SO_KEEPALIVE=1`),
    });
  if (wrong.length === 0)
    return {
      status: "pass",
      detail: joined(
        [busy, ...(valueIn(service, "TIMEOUTidle") === undefined ? [] : [idle]), same("SO_KEEPALIVE l, r")],
        ",",
      ),
    };
  const old = wrong.flatMap((one) => one.old ?? []);
  const write = wrong.flatMap((one) => one.write);
  return {
    status: "warn",
    detail: joined(wrong.map((one) => one.detail)),
    fix: { write, ...(old.length > 0 && { insteadOf: old }) },
  };
}

const keepsAlive = ({ options }: Service, side: string): boolean => {
  const start = `${side}:SO_KEEPALIVE=`;
  const last = options.get("socket")?.findLast((text) => text.replaceAll(" ", "").startsWith(start)) ?? "";
  return /=\s*(?:1|yes)$/i.test(last);
};
