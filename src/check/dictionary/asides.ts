import type { Text } from "../../languages.ts";
import type { Entry } from "./entry.ts";

const lookAtStart: Text = {
  en: "look at the lines above it: the first error names the file or the line of stunnel.conf",
  fr: "voyez les lignes au-dessus : la première erreur nomme le fichier ou la ligne de stunnel.conf",
};

/** Lines that only point to another line, prove less than they seem to, or mean no harm. */
export const ASIDES: readonly Entry[] = [
  {
    words: /certificate verify failed|Rejected by CERT|TLS alert \(write\): fatal|ERR_SSL_CERTIFICATE_VERIFY_FAILED/,
    causes: ["certificate-refused"],
    refusedBy: "here",
    plain: {
      en: "this side refused what the far side showed; the reason is in another line",
      fr: "ce côté a refusé ce que l'autre a présenté ; la raison est dans une autre ligne",
    },
    next: {
      en: 'look for "CERT: Pre-verification error" or "Subject checks failed" of the same connection',
      fr: "cherchez « CERT: Pre-verification error » ou « Subject checks failed » de la même connexion",
    },
  },
  {
    words: /Failed to reload the configuration file/,
    causes: ["configuration"],
    plain: {
      en: "Stunnel could not read its configuration again, and goes on with what it had",
      fr: "Stunnel n'a pas pu relire sa configuration, et continue avec l'ancienne",
    },
    next: lookAtStart,
  },
  {
    words: /Failed to initialize TLS context|Configuration failed/,
    causes: ["own-files", "configuration"],
    plain: { en: "Stunnel does not take its configuration", fr: "Stunnel n'accepte pas sa configuration" },
    next: lookAtStart,
  },
  {
    words: /Binding service(?= \[[^\]]*\] failed)/,
    causes: ["port-taken", "configuration"],
    plain: { en: "Stunnel could not open its port", fr: "Stunnel n'a pas pu ouvrir son port" },
    next: {
      en: "see who has the port (ss -ltnp), and that accept names an address of this machine",
      fr: "voyez qui a ce port (ss -ltnp), et si accept nomme une adresse de cette machine",
    },
  },
  {
    words: /needs authentication to prevent MITM attacks/,
    causes: ["peer-unchecked"],
    plain: {
      en: "this client leg takes any certificate, self-signed ones too: anybody may pose as the peer",
      fr: "ce côté client accepte tout certificat, même autosigné : n'importe qui passe pour le pair",
    },
    next: {
      en: "set verifyChain = yes, CAfile and checkHost in that service of stunnel.conf",
      fr: "mettez verifyChain = yes, CAfile et checkHost dans ce service de stunnel.conf",
    },
  },
  {
    words: /without subject checks|Use "checkHost" or "checkIP" to restrict/,
    causes: ["name-unchecked"],
    plain: {
      en: "any certificate of the authority passes for the peer, since no name is asked for",
      fr: "tout certificat de l'autorité passe pour le pair, car aucun nom n'est demandé",
    },
    next: {
      en: "set checkHost to the peer's name in that service of stunnel.conf",
      fr: "mettez le nom du pair dans checkHost, dans ce service de stunnel.conf",
    },
  },
  {
    words: /Insecure file permissions/,
    causes: ["own-files"],
    plain: {
      en: "others on this machine may read the key",
      fr: "d'autres sur cette machine peuvent lire la clé",
    },
    next: {
      en: "chmod 0600 the key, and see that it is Stunnel's user's",
      fr: "passez la clé en mode 0600 (chmod), et donnez-la à l'utilisateur de Stunnel",
    },
  },
  {
    words: /No more addresses to connect/,
    causes: ["port-closed", "unreachable"],
    plain: {
      en: "every address of the far side was tried in vain",
      fr: "chaque adresse de l'autre côté a été essayée en vain",
    },
    next: {
      en: 'look at the "s_connect" line above it: it names the address and the reason',
      fr: "voyez la ligne « s_connect » au-dessus : elle donne l'adresse et la raison",
    },
  },
  {
    words: /byte\(s\) sent to TLS/,
    causes: ["no-proof"],
    plain: {
      en: "so much was handed to TLS: no proof that it arrived, and none that it was processed",
      fr: "autant a été confié à TLS : ce n'est la preuve ni de l'arrivée, ni du traitement",
    },
    next: {
      en: "look for the acknowledgment whose MSA-2 is the message's MSH-10",
      fr: "cherchez l'acquittement dont le MSA-2 est le MSH-10 du message",
    },
  },
  {
    words: /TLS connected/,
    causes: ["no-proof"],
    plain: {
      en: "this side is done; in TLS 1.3 the far side looks at our certificate only now, and may yet refuse it",
      fr: "ce côté a fini ; en TLS 1.3 l'autre ne regarde notre certificat que maintenant, et peut encore refuser",
    },
    next: {
      en: "look for an alert of the same connection right after it, and for an acknowledgment",
      fr: "cherchez une alerte de la même connexion juste après, et un acquittement",
    },
  },
  {
    words: /OCSP: No OCSP stapling response received|Update OpenSSL shared libraries or rebuild stunnel/,
    causes: ["harmless"],
    plain: { en: "nothing is wrong: Stunnel 5.74 always says so", fr: "rien d'anormal : Stunnel 5.74 le dit toujours" },
    next: { en: "look at other lines of the same connection", fr: "voyez d'autres lignes de la même connexion" },
  },
];
