import { dayOf, inOneLine, namesOf } from "../../../stunnel/inspect.ts";
import { placeOf } from "../../mllp/endpoint.ts";
import { withoutSerial } from "../../site/issued-names.ts";
import { type Meaning, meaningsOf } from "../dictionary/dictionary.ts";
import type { Place } from "../finding.ts";
import type { Link } from "../probe/link.ts";
import type { Evidence } from "./place-to.ts";
import { noCommon, SEE_PEERS_LOG } from "./unreachable.ts";
import { whyRefused } from "./why-refused.ts";

/** Says who refused whom; undefined where nobody is seen to have refused. */
export function refused(evidence: Evidence): Place | undefined {
  // a Stunnel of ours that holds the connection did not refuse it, and nobody refused it
  if (evidence.held?.end === "open") return undefined;
  return refusedInLog(evidence) ?? refusedWithoutLog(evidence);
}

/** Our own Stunnel's word is the last one: it is what carries the messages. */
function refusedInLog({ link, held }: Evidence): Place | undefined {
  if (!held) return undefined;
  const told = held.lines.flatMap((line) => meaningsOf(line)).find(({ refusedBy }) => refusedBy);
  if (told?.refusedBy === "here") return weRefused(link, told);
  if (told?.refusedBy === "far") return theyRefused(link, told);
  return undefined;
}

function refusedWithoutLog({ link, held, heldDirectly, handshake }: Evidence): Place | undefined {
  const alert = [link.baseline, heldDirectly].find((seen) => seen?.end === "alert");
  if (alert) return theyRefused(link, meaningOf(alert.words));
  if (link.older === "refused") return refusedWordlessly(placeOf(link.target.endpoint));
  const against = handshake.find(({ id, status }) => status === "fail" && id.startsWith("handshake.peer-"));
  // a Stunnel of ours that let the connection through did not refuse it, whatever we think of the certificate
  if (!against || held?.end === "end") return undefined;
  return {
    code: "we-refused-peer",
    sentence: {
      en: `the peer, ${peerShown(link)}, cannot be trusted: ${against.id} fails (${against.detail.en})`,
      fr: `le pair, ${peerShown(link)}, n'est pas fiable : ${against.id} échoue (${against.detail.fr})`,
    },
    ...(against.hint && { hint: against.hint }),
  };
}

/** An alert that the dictionary has not is a refusal all the same. */
const meaningOf = (words: string): Meaning =>
  meaningsOf(words)[0] ?? {
    causes: ["certificate-refused"],
    said: words,
    refusedBy: "far",
    plain: { en: "it does not say more", fr: "il n'en dit pas plus" },
    next: SEE_PEERS_LOG,
  };

const withoutCertificate = (peer: string): Place => ({
  code: "peer-refused-us",
  sentence: {
    en: `${peer} wants a certificate, and we showed none`,
    fr: `${peer} veut un certificat, et nous n'en avons présenté aucun`,
  },
  hint: {
    en: "name ours with --cert and --key (in a site: cert and key in stunnel.conf)",
    fr: "indiquez le nôtre avec --cert et --key (sur un site : cert et key dans stunnel.conf)",
  },
});

const refusedWordlessly = (peer: string): Place => ({
  code: "peer-refused-us",
  sentence: {
    en: `${peer} ends the connection within the handshake, after it has seen our certificate, and does not say why`,
    fr: `${peer} coupe la connexion pendant la négociation, après avoir vu notre certificat, sans dire pourquoi`,
  },
  hint: {
    en: "ask for the peer's log of this moment: does it believe our authority, and expect our name?",
    fr: "demandez le journal du pair à cet instant : reconnaît-il notre autorité, et attend-il notre nom ?",
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
  if (!target.identity && meaning.causes.includes("no-certificate"))
    return withoutCertificate(placeOf(target.endpoint));
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
  const subject = withoutSerial(inOneLine(certificate.subject));
  return `${subject}${names && ` (${names})`}, ${from} - ${dayOf(certificate.validToDate)}`;
}
