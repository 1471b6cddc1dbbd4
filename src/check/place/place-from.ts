import type { X509Certificate } from "node:crypto";
import { same } from "../../languages.ts";
import { type Meaning, meaningsOf } from "../dictionary/dictionary.ts";
import { type Finding, fail, type Place, pass, skip } from "../finding.ts";
import { hasEnded, type LoggedConnection } from "../probe/tunnel-log.ts";
import { whyRefused } from "./why-refused.ts";

/** What our own Stunnel logged of those who connected, and what we show them. */
export interface FromEvidence {
  service: string;
  connections: LoggedConnection[] | undefined;
  chain?: [X509Certificate, ...X509Certificate[]] | undefined;
  authorities: X509Certificate[];
  /** The addresses of this machine: what comes from them are our own probes. */
  ownAddresses: string[];
  /** Where our Stunnel looks for our listener. */
  listener: string;
  /** What of our own site is down. */
  down?: "stunnel" | "listener" | undefined;
  /** Why it is an engine that listens, and not the site itself, where that is so. */
  listenerOff?: string | undefined;
}

const REFUSED = /^Rejected by CERT at depth=\d+: (.+)$/;
const ACCEPTED = /^Certificate accepted at depth=0: (.+)$/;
const PROBE = /^Rejected by CERT .*\bOU=probe (?:expired|sibling|untrusted)\b/;
const CONNECTED = /^s_connect: connected /;

/** Says where the leg from the peer stops, by the last connection that came from elsewhere. */
export function placeFrom(evidence: FromEvidence): Place {
  const { connections, down } = evidence;
  if (down) return ownSideDown(down, evidence);
  const last = lastTelling(connections ?? [], evidence);
  if (!last) return connections ? nobodyCame : unreadable;
  const { at, from, lines } = last;
  const [day = "", time = ""] = at.toISOString().split(/[T.]/);
  const [when, quand] = [`${day} ${time}`, `${day} à ${time}`];
  const subject = lines.map((line) => (REFUSED.exec(line) ?? ACCEPTED.exec(line))?.[1]).findLast(Boolean);
  const shown = subject ? same(subject) : { en: "no certificate", fr: "aucun certificat" };
  const refusal = refusalIn(lines);
  if (refusal?.refusedBy === "here")
    return {
      code: "we-refused-peer",
      sentence: {
        en: `we refused ${from} at ${when} UTC (${shown.en}): ${refusal.plain.en}`,
        fr: `nous avons refusé ${from} le ${quand} UTC (${shown.fr}) : ${refusal.plain.fr}`,
      },
      hint: refusal.next,
    };
  if (refusal) {
    const why =
      evidence.chain && whyRefused(refusal, { chain: evidence.chain, authorities: evidence.authorities }, new Date());
    const { plain, next } = why ?? refusal;
    return {
      code: "peer-refused-us",
      sentence: {
        en: `${from} refused us at ${when} UTC with "${refusal.said}": ${plain.en}`,
        fr: `${from} nous a refusés le ${quand} UTC avec « ${refusal.said} » : ${plain.fr}`,
      },
      hint: next,
    };
  }
  if (!lines.some((line) => CONNECTED.test(line))) return ownSideDown("listener", evidence);
  const stands = !hasEnded(last);
  return {
    code: "works",
    sentence: {
      en: `the last connection from the peer came through${stands ? " and stands" : ""}: ${shown.en}, from ${from} at ${when} UTC`,
      fr: `la dernière connexion du pair est passée${stands ? " et tient" : ""} : ${shown.fr}, de ${from} le ${quand} UTC`,
    },
  };
}

/** Whoever shows no certificate may be a scanner, or a check of the other side: it counts where nobody ever showed one. */
function lastTelling(connections: LoggedConnection[], evidence: FromEvidence): LoggedConnection | undefined {
  const telling = connections.filter((one) => tells(one, evidence) && !isProbe(one));
  const counts = (one: LoggedConnection) => showsCertificate(one) || refusalIn(one.lines)?.refusedBy === "far";
  return telling.findLast(counts) ?? telling.at(-1);
}

/** What "check" shows on purpose bears a mark. */
const isProbe = ({ lines }: LoggedConnection): boolean => lines.some((line) => PROBE.test(line));

const showsCertificate = ({ lines }: LoggedConnection): boolean =>
  lines.some((line) => ACCEPTED.test(line) || REFUSED.test(line));

/** A socket for both families writes an IPv4 address as one of IPv6. */
const addressOf = ({ from }: LoggedConnection): string => from.slice(0, from.lastIndexOf(":")).replace(/^::ffff:/, "");

/** Says whether a connection says something of the peer: a knock that shows nothing does not, nor one under way. */
function tells(one: LoggedConnection, { service, ownAddresses }: FromEvidence): boolean {
  const { lines } = one;
  const address = addressOf(one);
  if (one.service !== service || /^(?:127\.|::1$)/.test(address) || ownAddresses.includes(address)) return false;
  if (refusalIn(lines)) return true;
  // Stunnel connects to the listener when the handshake is done; one that verifies nothing names no certificate
  return lines.some((line) => CONNECTED.test(line)) || (showsCertificate(one) && hasEnded(one));
}

const refusalIn = (lines: string[]): Meaning | undefined =>
  lines.flatMap((line) => meaningsOf(line)).find(({ refusedBy }) => refusedBy);

/** The same as a finding. */
export function judgeFrom({ code, sentence, hint }: Place): Finding {
  const id = "exchange.from";
  if (code === "works") return pass(id, sentence);
  const next = hint ?? sentence;
  return code === "nobody-came" || code === "unclear" ? skip(id, sentence, next) : fail(id, sentence, next);
}

const nobodyCame: Place = {
  code: "nobody-came",
  sentence: {
    en: "our log has no connection from the peer since Stunnel last read its files",
    fr: "notre journal n'a aucune connexion du pair depuis que Stunnel a lu ses fichiers",
  },
  hint: {
    en: "have the peer send a message, then ask again",
    fr: "faites envoyer un message par le pair, puis redemandez",
  },
};

const unreadable: Place = {
  code: "unclear",
  sentence: {
    en: "our Stunnel's log cannot be read: who connected is not known",
    fr: "le journal de notre Stunnel est illisible : on ne sait pas qui s'est connecté",
  },
  hint: {
    en: "run check where the site runs, as its user",
    fr: "lancez check là où tourne le site, sous son utilisateur",
  },
};

function ownSideDown(down: "stunnel" | "listener", { listener, listenerOff }: FromEvidence): Place {
  if (down === "stunnel")
    return {
      code: "near-stunnel-down",
      sentence: { en: "our own Stunnel takes no TLS", fr: "notre propre Stunnel n'accepte pas le TLS" },
      hint: { en: "start it, and read its first lines", fr: "démarrez-le, et lisez ses premières lignes" },
    };
  if (listenerOff)
    return {
      code: "application-down",
      sentence: {
        en: `our Stunnel takes the peer's connections, and no engine behind it, on ${listener}, does (our own listener is off: ${listenerOff})`,
        fr: `notre Stunnel accepte les connexions du pair, et aucun moteur derrière lui, sur ${listener}, ne les accepte (notre propre écouteur est éteint : ${listenerOff})`,
      },
      hint: {
        en: "start the engine, or say with ENGINE=host:port where it listens",
        fr: "démarrez le moteur, ou dites avec ENGINE=hôte:port où il écoute",
      },
    };
  return {
    code: "application-down",
    sentence: {
      en: `our Stunnel takes the peer's connections, and our own listener behind it, on ${listener}, does not`,
      fr: `notre Stunnel accepte les connexions du pair, et notre propre écouteur derrière lui, sur ${listener}, ne les accepte pas`,
    },
    hint: { en: "start the listener of this site", fr: "démarrez l'écouteur de ce site" },
  };
}
