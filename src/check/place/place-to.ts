import type { Text } from "../../languages.ts";
import { placeOf } from "../../mllp/endpoint.ts";
import type { Finding, Place, PlaceCode } from "../finding.ts";
import { DIAL_THE_PEER } from "../peer/next.ts";
import type { HeldOpen } from "../probe/hold-open.ts";
import { type Link, showsOurs } from "../probe/link.ts";
import type { Seen } from "../probe/probe.ts";
import { refused } from "./refusal.ts";
import { SEE_PEERS_LOG, unreachable } from "./unreachable.ts";

/** What of an exchange says where a leg stops; undefined where none was asked for, or it was as it should be. */
export type ExchangeFault = Extract<PlaceCode, "application-silent" | "application-negative">;

/** All from which the place of a fault is told. */
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
  // whatever else is seen there is our own doing
  if (showsOurs(link)) return ourselves(peer);
  const refusal = refused(evidence);
  if (refusal) return refusal;
  if (held?.end === "reset" && !hasEnded(evidence)) return resetByOurs(peer);
  if (!held && link.older === "unknown") return endedWordlessly(peer);
  if (held ? held.end !== "open" : hasEnded(evidence))
    return {
      code: "application-down",
      sentence: {
        en: `the tunnel to ${peer} stands, but the application behind it does not take the connection`,
        fr: `le tunnel vers ${peer} tient, mais l'application derrière lui n'accepte pas la connexion`,
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

const ourselves = (peer: string): Place => ({
  code: "peer-is-ourselves",
  sentence: {
    en: `${peer} is this site itself: the certificate that it shows is over our own key`,
    fr: `${peer} est ce site même : le certificat qu'il présente est sur notre propre clé`,
  },
  hint: DIAL_THE_PEER,
});

const resetByOurs = (peer: string): Place => ({
  code: "unclear",
  sentence: {
    en: `our own Stunnel resets the connection, while ${peer} takes ours past it; its log gives no reason that is known`,
    fr: `notre propre Stunnel coupe la connexion, alors que ${peer} accepte la nôtre sans lui ; son journal ne donne aucune raison connue`,
  },
  hint: {
    en: "set debug = info in our stunnel.conf, reload, and ask again",
    fr: "définissez debug = info dans notre stunnel.conf, rechargez, et redemandez",
  },
});

const endedWordlessly = (peer: string): Place => ({
  code: "unclear",
  sentence: {
    en: `${peer} ends the connection after the handshake and does not say why: it refuses our certificate or name, or its application is down`,
    fr: `${peer} coupe la connexion après la négociation sans dire pourquoi : il refuse notre certificat ou notre nom, ou son application est arrêtée`,
  },
  hint: SEE_PEERS_LOG,
});

const hasEnded = ({ link, heldDirectly = link.baseline }: Evidence): boolean => heldDirectly?.end !== "open";

function exchangePlace({ fault, detail }: { fault: ExchangeFault; detail: Text }, peer: string): Place {
  const sentences: Record<ExchangeFault, [Text, Text]> = {
    "application-silent": [
      {
        en: `the tunnel to ${peer} stands, and the application behind it does not acknowledge: ${detail.en}`,
        fr: `le tunnel vers ${peer} tient, et l'application derrière lui n'acquitte pas : ${detail.fr}`,
      },
      {
        en: "have the peer's application looked at",
        fr: "faites vérifier l'application du pair",
      },
    ],
    "application-negative": [
      {
        en: `the tunnel to ${peer} stands, and the application behind it refuses the message: ${detail.en}`,
        fr: `le tunnel vers ${peer} tient, et l'application derrière lui refuse le message : ${detail.fr}`,
      },
      {
        en: 'read the acknowledgment\'s ERR segment, which says why: "send --segments" shows it',
        fr: "lisez le segment ERR de l'acquittement, qui dit pourquoi : « send --segments » le montre",
      },
    ],
  };
  const [sentence, hint] = sentences[fault];
  return { code: fault, sentence, hint };
}
