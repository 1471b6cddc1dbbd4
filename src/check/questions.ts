import type { Text } from "../languages.ts";

/** The groups of questions, in the order in which they are asked. */
export const GROUPS = {
  site: { en: "this site", fr: "ce site" },
  configuration: { en: "configuration", fr: "configuration" },
  certificates: { en: "certificates", fr: "certificats" },
  handshake: { en: "handshake", fr: "négociation" },
  mutual: { en: "mutual authentication", fr: "authentification mutuelle" },
  protocol: { en: "protocol", fr: "protocole" },
  exchange: { en: "exchange", fr: "échange" },
} as const satisfies Record<string, Text>;

export type Group = keyof typeof GROUPS;

const ask = (en: string, fr: string): Text => ({ en, fr });

/** What is asked, by id `<group>.<name>`; ".to" is the leg to the peer, ".from" the leg from it. */
export const QUESTIONS = {
  "site.stunnel": ask("Stunnel runs", "Stunnel tourne"),
  "site.ports": ask("its ports are open", "ses ports sont ouverts"),
  "site.listener": ask("the listener takes connections", "l'écouteur accepte les connexions"),

  "configuration.loaded": ask("Stunnel has read the file as it stands", "Stunnel a lu le fichier tel qu'il est"),
  "configuration.chain-verified": ask("the peer's chain is verified", "la chaîne du pair est vérifiée"),
  "configuration.peer-name": ask(
    "the peer's name is checked on both legs",
    "le nom du pair est vérifié dans les deux sens",
  ),
  "configuration.revocation": ask("revoked certificates are refused", "les certificats révoqués sont refusés"),
  "configuration.oldest-version": ask("TLS 1.2 is the oldest version", "TLS 1.2 est la version la plus ancienne"),
  "configuration.cipher-list": ask(
    "the cipher list holds strong suites only",
    "la liste ne contient que des suites fortes",
  ),
  "configuration.resumption": ask("no session is resumed", "aucune session n'est reprise"),
  "configuration.plain-side": ask("the plain side is on loopback", "le côté en clair est sur la boucle locale"),
  "configuration.delay": ask("the peer's name is resolved anew", "le nom du pair est résolu à chaque fois"),
  "configuration.time-limits": ask("time-outs fit an MLLP link", "les délais conviennent à une liaison MLLP"),
  "configuration.log-level": ask("the log says why", "le journal dit pourquoi"),

  "certificates.files": ask("the files are whole, the key matches", "les fichiers sont entiers, la clé correspond"),
  "certificates.chain": ask("the chain is complete and in order", "la chaîne est complète et dans l'ordre"),
  "certificates.names": ask("our certificate bears our name", "notre certificat porte notre nom"),
  "certificates.usage": ask("it is good for both roles", "il vaut pour les deux rôles"),
  "certificates.strength": ask("key and signature are strong", "la clé et la signature sont fortes"),
  "certificates.own-days": ask("our certificate is in date", "notre certificat est en cours de validité"),
  "certificates.authority-days": ask("the authorities are in date", "les autorités sont en cours de validité"),
  "certificates.crl-days": ask("the CRLs are in date", "les CRL sont en cours de validité"),
  "certificates.crl": ask("the CRLs fit, and do not hold us", "les CRL conviennent, et ne nous contiennent pas"),
  "certificates.lab": ask("our certificate is not from the lab", "notre certificat ne vient pas du laboratoire"),
  "certificates.served": ask("what is served is what is on disk", "ce qui est servi est ce qui est sur le disque"),

  "handshake.reached": ask("the peer is reached, and speaks TLS", "le pair est joignable, et parle TLS"),
  "handshake.version": ask("a current version is negotiated", "une version actuelle est négociée"),
  "handshake.suite": ask("a strong suite is negotiated", "une suite forte est négociée"),
  "handshake.peer-chain": ask("the peer's chain leads to our authority", "la chaîne du pair mène à notre autorité"),
  "handshake.peer-name": ask("the peer bears the name we expect", "le pair porte le nom attendu"),
  "handshake.peer-other": ask("the peer is not this site itself", "le pair n'est pas ce site même"),
  "handshake.peer-usage": ask(
    "the peer's certificate is good for a server",
    "le certificat du pair vaut pour un serveur",
  ),
  "handshake.peer-strength": ask(
    "the peer's key and signature are strong",
    "la clé et la signature du pair sont fortes",
  ),
  "handshake.peer-days": ask("the peer's certificate is in date", "le certificat du pair est en cours de validité"),
  "handshake.peer-crl": ask("no CRL revokes the peer", "aucune CRL ne révoque le pair"),
  "handshake.other-versions": ask("no outdated version beside it", "pas de version dépassée à côté"),
  "handshake.other-suites": ask("no weak suite beside it", "pas de suite faible à côté"),
  "handshake.resumption": ask("the peer resumes no session", "le pair ne reprend aucune session"),

  "mutual.accepted.to": ask("the peer takes our certificate", "le pair accepte notre certificat"),
  "mutual.no-certificate.to": ask("the peer demands a certificate", "le pair exige un certificat"),
  "mutual.untrusted-root.to": ask("the peer refuses an untrusted root", "le pair refuse une racine inconnue"),
  "mutual.expired.to": ask("the peer refuses an expired certificate", "le pair refuse un certificat expiré"),
  "mutual.sibling.to": ask(
    "the peer refuses a sibling of the authority",
    "le pair refuse un autre certificat de l'autorité",
  ),
  "mutual.no-certificate.from": ask("we demand a certificate", "nous exigeons un certificat"),
  "mutual.untrusted-root.from": ask("we refuse an untrusted root", "nous refusons une racine inconnue"),
  "mutual.expired.from": ask("we refuse an expired certificate", "nous refusons un certificat expiré"),
  "mutual.sibling.from": ask("we refuse a sibling of the authority", "nous refusons un autre certificat de l'autorité"),

  "protocol.tls-1.0.to": ask("the peer refuses TLS 1.0", "le pair refuse TLS 1.0"),
  "protocol.tls-1.1.to": ask("the peer refuses TLS 1.1", "le pair refuse TLS 1.1"),
  "protocol.plain-mllp.to": ask("its TLS port refuses plain MLLP", "son port TLS refuse le MLLP en clair"),
  "protocol.plain-ports.to": ask("its plain ports cannot be reached", "ses ports en clair sont hors d'atteinte"),
  "protocol.tls-1.0.from": ask("we refuse TLS 1.0", "nous refusons TLS 1.0"),
  "protocol.tls-1.1.from": ask("we refuse TLS 1.1", "nous refusons TLS 1.1"),
  "protocol.plain-mllp.from": ask("our TLS port refuses plain MLLP", "notre port TLS refuse le MLLP en clair"),
  "protocol.plain-ports.from": ask("our plain ports cannot be reached", "nos ports en clair sont hors d'atteinte"),

  "exchange.tunnel": ask("a connection reaches the peer's application", "une connexion atteint l'application du pair"),
  "exchange.from": ask("the peer's connections come through", "les connexions du pair passent"),
  "exchange.acknowledged": ask("a message is acknowledged", "un message est acquitté"),
  "exchange.negative": ask("a wrong message is refused", "un message erroné est refusé"),
  "exchange.round-trip": ask("round trip, directly and through the tunnel", "aller-retour, direct et par le tunnel"),
} as const satisfies Record<string, Text>;

export type FindingId = keyof typeof QUESTIONS;

/** Returns the group of a question. */
export const groupOf = (id: FindingId): Group => id.slice(0, id.indexOf(".")) as Group;
