import { dayOf, inOneLine, namesOf } from "../../../stunnel/inspect.ts";
import { placeOf } from "../../mllp/endpoint.ts";
import { type Meaning, meaningsOf } from "../dictionary/dictionary.ts";
import type { Finding, Place, PlaceCode, Text } from "../finding.ts";
import type { HeldOpen } from "../probe/hold-open.ts";
import { hasChosen, type Link } from "../probe/link.ts";
import type { Seen } from "../probe/probe.ts";
import { whyRefused } from "./why-refused.ts";

/** What of an exchange says where a leg stops; undefined where none was asked for, or it was as it should be. */
export type ExchangeFault = Extract<PlaceCode, "application-silent" | "application-negative" | "application-down">;

export interface Evidence {
  link: Link;
  /** What our own Stunnel did; undefined where the peer was asked from elsewhere. */
  held?: HeldOpen | undefined;
  /** Where it takes plain text, for the sentence. */
  near?: string | undefined;
  /** A connection past our Stunnel that was held for long. */
  heldDirectly?: Seen | undefined;
  /** How the peer's certificate was judged. */
  handshake: Finding[];
  exchange?: { fault: ExchangeFault; detail: Text } | undefined;
}

/** Says where the leg to the peer stops, in one sentence. */
export function placeTo(evidence: Evidence): Place {
  const { link, held, near, exchange } = evidence;
  const peer = placeOf(link.target.endpoint);
  if (held?.end === "refused")
    return {
      code: "near-stunnel-down",
      sentence: {
        en: `our own Stunnel does not listen on ${near}`,
        fr: `notre propre Stunnel n'écoute pas sur ${near}`,
      },
      hint: {
        en: "start it, and read its first lines: it says why where it cannot start",
        fr: "démarrez-le, et lisez ses premières lignes : il y dit pourquoi s'il ne peut pas démarrer",
      },
    };
  const unreached = unreachable(link);
  if (unreached) return unreached;
  const refusal = refusedInLog(evidence) ?? refusedWithoutLog(evidence);
  if (refusal) return refusal;
  if (held ? held.end !== "open" : hasEnded(evidence))
    return {
      code: "application-down",
      sentence: {
        en: `the tunnel to ${peer} stands, but the application behind it does not take the connection`,
        fr: `le tunnel vers ${peer} tient, mais l'application derrière lui ne prend pas la connexion`,
      },
      hint: {
        en: "start the peer's application: its Stunnel logs to which address it could not connect",
        fr: "démarrez l'application du pair : son Stunnel journalise l'adresse qu'il n'a pu joindre",
      },
    };
  if (exchange) return exchangePlace(exchange, peer);
  return {
    code: "works",
    sentence: {
      en: `the tunnel to ${peer} stands, up to the application`,
      fr: `le tunnel vers ${peer} tient, jusqu'à l'application`,
    },
  };
}

const hasEnded = ({ link, heldDirectly = link.baseline }: Evidence): boolean => heldDirectly?.end !== "open";

/** Says why a link is not reached, or does not get as far as to choose a suite; undefined where it does. */
function unreachable(link: Link): Place | undefined {
  const { target, reached, baseline, lives } = link;
  const { host } = target.endpoint;
  const peer = placeOf(target.endpoint);
  if (reached.state === "name-not-resolved")
    return {
      code: "name-not-resolved",
      sentence: {
        en: `the name ${host} does not resolve (${reached.reason})`,
        fr: `le nom ${host} n'est pas résolu (${reached.reason})`,
      },
      hint: {
        en: "mend the name in connect, or have it put into the DNS; a stopped container has no name",
        fr: "corrigez le nom dans connect, ou faites-le entrer dans le DNS ; un conteneur arrêté n'a pas de nom",
      },
    };
  if (reached.state === "port-closed")
    return {
      code: "port-closed",
      sentence: {
        en: `${host} is there (${reached.addresses.join(", ")}), and nothing listens on port ${target.endpoint.port}`,
        fr: `${host} est là (${reached.addresses.join(", ")}), et rien n'écoute sur le port ${target.endpoint.port}`,
      },
      hint: {
        en: "have the peer's Stunnel started, or mend the port in connect",
        fr: "faites démarrer le Stunnel du pair, ou corrigez le port dans connect",
      },
    };
  if (reached.state === "packets-dropped")
    return {
      code: "packets-dropped",
      sentence: {
        en: `no answer at all from ${peer} (${reached.addresses.join(", ")}): ${reached.reason}`,
        fr: `aucune réponse de ${peer} (${reached.addresses.join(", ")}) : ${reached.reason}`,
      },
      hint: {
        en: "a firewall drops the packets, or no route leads there: have this port opened between the two addresses",
        fr: "un pare-feu jette les paquets, ou aucune route n'y mène : faites ouvrir ce port entre les deux adresses",
      },
    };
  if (baseline?.end === "not-tls" || (baseline?.end === "silent" && lives))
    return {
      code: "peer-not-tls",
      sentence: {
        en: `${peer} takes connections and does not speak TLS`,
        fr: `${peer} prend les connexions et ne parle pas TLS`,
      },
      hint: {
        en: "connect has to name the port on which the peer's Stunnel accepts, not a plain one",
        fr: "connect doit désigner le port où le Stunnel du pair accepte, pas un port en clair",
      },
    };
  if (baseline?.end === "silent")
    return {
      code: "peer-silent",
      sentence: {
        en: `${peer} takes connections, and nothing behind it says a word`,
        fr: `${peer} prend les connexions, et rien derrière ne dit mot`,
      },
      hint: {
        en: "what listens there hangs, or a device in between answers for it: have it looked at over there",
        fr: "ce qui écoute là est figé, ou un équipement intermédiaire répond à sa place : faites vérifier là-bas",
      },
    };
  if (!baseline || hasChosen(baseline)) return undefined;
  return baseline.end === "alert" ? noCommon(link, baseline.words) : cutInHandshake(peer);
}

function noCommon(link: Link, words: string): Place {
  const peer = placeOf(link.target.endpoint);
  const [meaning] = meaningsOf(words);
  return {
    code: "no-common-protocol",
    sentence: {
      en: `${peer} refused us before it looked at a certificate: ${meaning?.plain.en ?? words}`,
      fr: `${peer} nous a refusés avant de regarder un certificat : ${meaning?.plain.fr ?? words}`,
    },
    hint: meaning?.next ?? {
      en: "compare sslVersionMin and ciphers of both sides",
      fr: "comparez sslVersionMin et ciphers des deux côtés",
    },
  };
}

const cutInHandshake = (peer: string): Place => ({
  code: "unclear",
  sentence: {
    en: `${peer} cut the connection within the TLS handshake and did not say why`,
    fr: `${peer} a coupé la connexion pendant la négociation TLS sans dire pourquoi`,
  },
  hint: { en: "ask for the peer's log of this moment", fr: "demandez le journal du pair à cet instant" },
});

/** The same as unreachable, for a finding that needs both sentences. */
export function explained(link: Link): { sentence: Text; hint: Text } {
  const { sentence, hint } = unreachable(link) ?? cutInHandshake(placeOf(link.target.endpoint));
  return { sentence, hint: hint ?? sentence };
}

/** Our own Stunnel's word is the last one: it is what carries the messages. */
function refusedInLog({ link, held }: Evidence): Place | undefined {
  if (!held || held.end === "open") return undefined;
  const told = held.lines.flatMap((line) => meaningsOf(line)).find(({ refusedBy }) => refusedBy);
  if (told?.refusedBy === "here") return weRefused(link, told);
  if (told?.refusedBy === "far") return theyRefused(link, told);
  return undefined;
}

function refusedWithoutLog({ link, held, handshake }: Evidence): Place | undefined {
  const { baseline } = link;
  if (baseline?.end === "alert") {
    const [meaning] = meaningsOf(baseline.words);
    if (meaning) return theyRefused(link, meaning);
  }
  if (link.endsEarly && held?.end !== "open") return refusedWordlessly(placeOf(link.target.endpoint));
  const against = handshake.find(({ id, status }) => status === "fail" && id.startsWith("handshake.peer-"));
  // a Stunnel of ours that let the connection through did not refuse it, whatever we think of the certificate
  if (!against || held?.end === "open" || held?.end === "end") return undefined;
  return {
    code: "we-refused-peer",
    sentence: {
      en: `we do not believe the peer: ${peerShown(link)}: ${against.detail.en}`,
      fr: `nous ne croyons pas le pair : ${peerShown(link)} : ${against.detail.fr}`,
    },
    ...(against.hint && { hint: against.hint }),
  };
}

const refusedWordlessly = (peer: string): Place => ({
  code: "peer-refused-us",
  sentence: {
    en: `${peer} ends the connection within the handshake, after it has seen our certificate, and does not say why`,
    fr: `${peer} coupe la connexion pendant la négociation, après avoir vu notre certificat, sans dire pourquoi`,
  },
  hint: {
    en: "ask for the peer's log of this moment: does it believe our authority, and expect our name?",
    fr: "demandez le journal du pair à cet instant : croit-il notre autorité, et attend-il notre nom ?",
  },
});

function weRefused(link: Link, { said, causes, plain, next }: Meaning): Place {
  if (causes[0] === "no-common-version" || causes[0] === "no-common-suite")
    return { ...noCommon(link, said), hint: next };
  return {
    code: "we-refused-peer",
    sentence: {
      en: `our Stunnel refused the peer, ${peerShown(link)}: ${plain.en}`,
      fr: `notre Stunnel a refusé le pair, ${peerShown(link)} : ${plain.fr}`,
    },
    hint: next,
  };
}

function theyRefused(link: Link, meaning: Meaning): Place {
  const { target } = link;
  if (meaning.causes[0] === "no-common-version" || meaning.causes[0] === "no-common-suite")
    if (!meaning.causes.includes("no-certificate")) return noCommon(link, meaning.said);
  const why = target.chain && whyRefused(meaning, { chain: target.chain, authorities: target.authorities }, new Date());
  const { plain, next } = why ?? meaning;
  return {
    code: "peer-refused-us",
    sentence: {
      en: `${placeOf(target.endpoint)} refused us with "${meaning.said}": ${plain.en}`,
      fr: `${placeOf(target.endpoint)} nous a refusés avec « ${meaning.said} » : ${plain.fr}`,
    },
    hint: next,
  };
}

function peerShown({ baseline }: Link): string {
  const certificate = baseline?.certificate;
  if (!certificate) return "-";
  const names = namesOf(certificate).join(", ");
  const from = dayOf(certificate.validFromDate);
  return `${inOneLine(certificate.subject)}${names && ` (${names})`}, ${from} - ${dayOf(certificate.validToDate)}`;
}

function exchangePlace({ fault, detail }: { fault: ExchangeFault; detail: Text }, peer: string): Place {
  const sentences: Record<ExchangeFault, [Text, Text]> = {
    "application-silent": [
      {
        en: `the tunnel to ${peer} stands, and the application behind it acknowledges nothing`,
        fr: `le tunnel vers ${peer} tient, et l'application derrière lui n'acquitte rien`,
      },
      {
        en: "have the peer's application looked at: it holds the message",
        fr: "faites vérifier l'application du pair : elle a le message",
      },
    ],
    "application-negative": [
      {
        en: `the tunnel to ${peer} stands, and the application behind it refuses the message: ${detail.en}`,
        fr: `le tunnel vers ${peer} tient, et l'application derrière lui refuse le message : ${detail.fr}`,
      },
      {
        en: 'the acknowledgment\'s ERR segment says why: "send --segments" shows it',
        fr: "le segment ERR de l'acquittement dit pourquoi : « send --segments » le montre",
      },
    ],
    "application-down": [
      {
        en: `the tunnel to ${peer} stands, and the application behind it ends the connection: ${detail.en}`,
        fr: `le tunnel vers ${peer} tient, et l'application derrière lui coupe la connexion : ${detail.fr}`,
      },
      { en: "have the peer's application looked at", fr: "faites vérifier l'application du pair" },
    ],
  };
  const [sentence, hint] = sentences[fault];
  return { code: fault, sentence, hint };
}
