import type { Text } from "../../languages.ts";
import { placeOf } from "../../mllp/endpoint.ts";
import { type Meaning, meaningsOf } from "../dictionary/dictionary.ts";
import type { Place } from "../finding.ts";
import { hasChosen, type Link } from "../probe/link.ts";
import { reasonText } from "../probe/reach.ts";

/** Says why a link is not reached, or does not get as far as to choose a suite; undefined where it does. */
export function unreachable(link: Link): Place | undefined {
  const { target, reached, baseline, lives } = link;
  const { host } = target.endpoint;
  const peer = placeOf(target.endpoint);
  if (reached.state === "name-not-resolved")
    return {
      code: "name-not-resolved",
      sentence: {
        en: `the name ${host} does not resolve (${reached.reason})`,
        fr: `le nom ${host} n'est pas résolu (${reasonText(reached.reason).fr})`,
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
        fr: `aucune réponse de ${peer} (${reached.addresses.join(", ")}) : ${reasonText(reached.reason).fr}`,
      },
      hint: {
        en: "a firewall drops the packets, or no route leads there: have this port opened between the two addresses",
        fr: "un pare-feu bloque les paquets, ou aucune route n'y mène : faites ouvrir ce port entre les deux adresses",
      },
    };
  if (baseline?.end === "not-tls" || (baseline?.end === "silent" && lives))
    return {
      code: "peer-not-tls",
      sentence: {
        en: `${peer} takes connections and does not speak TLS`,
        fr: `${peer} accepte les connexions et ne parle pas TLS`,
      },
      hint: {
        en: "let connect name the port on which the peer's Stunnel accepts, not a plain one",
        fr: "désignez dans connect le port où le Stunnel du pair accepte, pas un port en clair",
      },
    };
  if (baseline?.end === "silent")
    return {
      code: "peer-silent",
      sentence: {
        en: `${peer} takes connections, and nothing behind it says a word`,
        fr: `${peer} accepte les connexions, et rien ne répond derrière`,
      },
      hint: {
        en: "what listens there hangs, or a device in between answers for it: have it looked at over there",
        fr: "ce qui écoute là est figé, ou un équipement intermédiaire répond à sa place : faites vérifier là-bas",
      },
    };
  if (!baseline || hasChosen(baseline)) return undefined;
  if (baseline.end === "unreached")
    return {
      code: "packets-dropped",
      sentence: {
        en: `${peer} took one connection, and answers no further one`,
        fr: `${peer} a accepté une connexion, et ne répond plus aux suivantes`,
      },
      hint: {
        en: "something limits or drops what comes from here, or the port has just gone: look at the firewall, and ask again",
        fr: "quelque chose limite ou bloque ce qui vient d'ici, ou le port vient de disparaître : voyez le pare-feu, et redemandez",
      },
    };
  if (baseline.end === "not-offered") return notOffered(baseline.words);
  const [meaning] = meaningsOf(baseline.words);
  if (meaning && /^no-common/.test(meaning.causes[0])) return noCommon(link, baseline.words);
  return baseline.end === "alert" ? refusedEarly(peer, baseline.words, meaning) : cutInHandshake(peer);
}

/** Says that two sides have no version or no suite in common, by the words of the refusal. */
export function noCommon(link: Link, words: string): Place {
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

const notOffered = (words: string): Place => ({
  code: "unclear",
  sentence: {
    en: `nothing was tried: our own TLS library does not take what it was to offer (${words})`,
    fr: `rien n'a été tenté : notre propre bibliothèque TLS n'accepte pas ce qu'elle devait proposer (${words})`,
  },
  hint: {
    en: "look at our own certificate, key and ciphers",
    fr: "regardez nos propres certificat, clé et ciphers",
  },
});

const refusedEarly = (peer: string, words: string, meaning: Meaning | undefined): Place => ({
  code: "peer-refused-us",
  sentence: {
    en: `${peer} refused us before it looked at a certificate, with "${words}"${meaning ? `: ${meaning.plain.en}` : ""}`,
    fr: `${peer} nous a refusés avant de regarder un certificat, avec « ${words} »${meaning ? ` : ${meaning.plain.fr}` : ""}`,
  },
  hint: meaning?.next ?? SEE_PEERS_LOG,
});

const cutInHandshake = (peer: string): Place => ({
  code: "unclear",
  sentence: {
    en: `${peer} takes connections and ends them before its first byte of TLS`,
    fr: `${peer} accepte les connexions et les coupe avant son premier octet de TLS`,
  },
  hint: {
    en: "have it looked at over there: a load balancer with nothing behind it, or a list of addresses that may connect",
    fr: "faites vérifier là-bas : un répartiteur sans rien derrière lui, ou une liste d'adresses autorisées",
  },
});

/** What is left to do where only the other side knows why. */
export const SEE_PEERS_LOG: Text = {
  en: "ask for the peer's log of this moment",
  fr: "demandez le journal du pair à cet instant",
};

/** The same as unreachable, for a finding that needs both sentences. */
export function explained(link: Link): { sentence: Text; hint: Text } {
  const { sentence, hint } = unreachable(link) ?? cutInHandshake(placeOf(link.target.endpoint));
  return { sentence, hint: hint ?? sentence };
}
