import type { Text } from "../../languages.ts";
import type { Cause, Entry } from "./entry.ts";

/** The words of the side that looked at a certificate and refused it: only here is the reason certain. */
const refused = (words: RegExp, causes: [Cause, ...Cause[]], plain: Text, next: Text): Entry => ({
  words,
  causes,
  refusedBy: "here",
  plain,
  next,
});

export const VERIFIER: readonly Entry[] = [
  refused(
    /self[- ]signed certificate in certificate chain|SELF_SIGNED_CERT_IN_CHAIN/,
    ["unknown-authority"],
    {
      en: "the peer's chain ends at a root that is not among the authorities believed here",
      fr: "la chaîne du pair mène à une racine qui n'est pas parmi les autorités reconnues ici",
    },
    {
      en: "put the peer's root into CAfile if it is to be believed, then reload Stunnel",
      fr: "ajoutez la racine du pair à CAfile s'il faut la reconnaître, puis rechargez Stunnel",
    },
  ),
  refused(
    /self[- ]signed certificate|DEPTH_ZERO_SELF_SIGNED_CERT/,
    ["self-signed"],
    {
      en: "the peer showed a certificate that it signed itself",
      fr: "le pair a présenté un certificat qu'il a signé lui-même",
    },
    {
      en: "ask the peer for a certificate of an authority that is in CAfile",
      fr: "demandez au pair un certificat d'une autorité présente dans CAfile",
    },
  ),
  refused(
    /unable to get (?:local )?issuer certificate|unable to verify the first certificate|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    ["unknown-authority", "incomplete-chain"],
    {
      en: "no authority believed here issued the peer's certificate, or the peer does not send its intermediate",
      fr: "aucune autorité reconnue ici n'a émis le certificat du pair, ou le pair n'envoie pas son intermédiaire",
    },
    {
      en: 'compare its issuer with CAfile ("certs show"); the peer has to put intermediates into its cert',
      fr: "comparez son émetteur avec CAfile (« certs show ») ; faites mettre par le pair l'intermédiaire dans cert",
    },
  ),
  refused(
    /certificate has expired|CERT_HAS_EXPIRED/,
    ["expired"],
    { en: "the peer's certificate has expired", fr: "le certificat du pair a expiré" },
    {
      en: "ask the peer to renew its certificate; if its dates look good, set the clock of this machine",
      fr: "demandez au pair de renouveler son certificat ; si ses dates sont bonnes, mettez cette machine à l'heure",
    },
  ),
  refused(
    /certificate is not yet valid|CERT_NOT_YET_VALID/,
    ["not-yet-valid"],
    { en: "the peer's certificate is not valid yet", fr: "le certificat du pair n'est pas encore valide" },
    {
      en: "compare its first day with the clock of this machine (date -u)",
      fr: "comparez son premier jour avec l'heure de cette machine (date -u)",
    },
  ),
  refused(
    /Subject checks failed|[Hh]ostname mismatch|IP address mismatch|does not match certificate's altnames|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH/,
    ["wrong-name"],
    {
      en: "the peer's certificate is good, but bears another name than the one expected here",
      fr: "le certificat du pair est bon, mais porte un autre nom que celui attendu ici",
    },
    {
      en: 'compare its names ("Rejected by CERT", next line) with checkHost in stunnel.conf',
      fr: "comparez ses noms (« Rejected by CERT », ligne suivante) avec checkHost dans stunnel.conf",
    },
  ),
  refused(
    /unsuitable certificate purpose|unsupported certificate purpose|INVALID_PURPOSE/,
    ["wrong-usage"],
    {
      en: "the peer's certificate may not be used for this end: serverAuth for a server, clientAuth for a client",
      fr: "le certificat du pair ne vaut pas pour ce bout : serverAuth pour un serveur, clientAuth pour un client",
    },
    {
      en: "ask the peer for a certificate with both extended key usages",
      fr: "demandez au pair un certificat qui a les deux usages étendus (extended key usage)",
    },
  ),
  refused(
    /invalid CA certificate|key usage does not include (?:certificate|CRL) signing|INVALID_CA/,
    ["wrong-usage"],
    {
      en: "what signed the peer's certificate or the CRL is no authority, or may not sign this",
      fr: "ce qui a signé le certificat du pair ou la CRL n'est pas une autorité, ou ne peut pas signer cela",
    },
    {
      en: "look at basicConstraints and keyUsage of the issuer (openssl x509 -text)",
      fr: "regardez basicConstraints et keyUsage de l'émetteur (openssl x509 -text)",
    },
  ),
  refused(
    /(?<!alert |alert: |warning: |fatal: )certificate revoked|CERT_REVOKED/,
    ["revoked"],
    {
      en: "the peer's certificate was revoked: it stands in the CRL that is used here",
      fr: "le certificat du pair est révoqué : il figure dans la CRL utilisée ici",
    },
    {
      en: "ask the peer for a new certificate; never take it out of the CRL",
      fr: "demandez un nouveau certificat au pair ; ne le retirez jamais de la CRL",
    },
  ),
  refused(
    /CRL has expired|CRL_HAS_EXPIRED/,
    ["crl-expired"],
    {
      en: "the CRL used here is past its next update, so every certificate is refused, good ones too",
      fr: "la CRL utilisée ici a passé sa date de mise à jour : tout certificat est refusé, même bon",
    },
    {
      en: "fetch a fresh CRL from the authority into CRLfile, then reload Stunnel",
      fr: "mettez une CRL récente de l'autorité dans CRLfile, puis rechargez Stunnel",
    },
  ),
  refused(
    /CRL is not yet valid|CRL_NOT_YET_VALID/,
    ["crl-not-yet-valid"],
    {
      en: "the CRL used here begins in the future, so every certificate is refused",
      fr: "la CRL utilisée ici commence dans le futur : tout certificat est refusé",
    },
    { en: "set the clock of this machine (date -u)", fr: "mettez cette machine à l'heure (date -u)" },
  ),
  refused(
    /unable to get certificate CRL|unable to get CRL issuer certificate|UNABLE_TO_GET_CRL(?:_ISSUER)?/,
    ["no-crl"],
    {
      en: "CRLfile holds no CRL of the authority that issued the peer's certificate",
      fr: "CRLfile ne contient aucune CRL de l'autorité qui a émis le certificat du pair",
    },
    {
      en: "add the CRL of that authority to CRLfile, then reload Stunnel",
      fr: "ajoutez la CRL de cette autorité à CRLfile, puis rechargez Stunnel",
    },
  ),
  refused(
    /(?:EE|CA) certificate key too weak/,
    ["weak-key"],
    {
      en: "a key in the peer's chain is too short: RSA needs at least 2048 bits",
      fr: "une clé de la chaîne du pair est trop courte : RSA demande au moins 2048 bits",
    },
    {
      en: "ask the peer for a certificate with a longer key",
      fr: "demandez au pair un certificat avec une clé plus longue",
    },
  ),
  refused(
    /CA signature digest algorithm too weak/,
    ["weak-signature"],
    {
      en: "the peer's chain is signed with a hash that is given up, such as SHA-1",
      fr: "la chaîne du pair est signée avec un hachage abandonné, comme SHA-1",
    },
    {
      en: "ask the peer for a certificate that is signed with SHA-256",
      fr: "demandez au pair un certificat signé avec SHA-256",
    },
  ),
  refused(
    /(?:certificate|CRL) signature failure|(?:CERT|CRL)_SIGNATURE_FAILURE/,
    ["bad-signature"],
    {
      en: "a signature does not fit: an authority of the same name but with another key is believed here",
      fr: "une signature ne convient pas : ici est reconnue une autorité de même nom, mais avec une autre clé",
    },
    {
      en: "replace CAfile and CRLfile together by those of the authority of today",
      fr: "remplacez ensemble CAfile et CRLfile par ceux de l'autorité actuelle",
    },
  ),
  refused(
    /peer did not return a certificate/,
    ["no-certificate"],
    { en: "the peer showed no certificate", fr: "le pair n'a présenté aucun certificat" },
    {
      en: "the peer is to set cert and key in its client service; a port scan or a load balancer's check does this too",
      fr: "faites mettre cert et key dans le service client du pair ; un balayage ou une sonde de répartiteur fait de même",
    },
  ),
];
