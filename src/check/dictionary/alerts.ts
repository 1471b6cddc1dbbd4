import type { Text } from "../../languages.ts";
import type { Cause, Entry } from "./entry.ts";

/**
 * An alert that was read: the far side refused. OpenSSL 3.0 says "sslv3 alert …" or "tlsv1 alert …", 3.5
 * says "ssl/tls alert …", Node makes a code of it, Java writes underscores, and Stunnel when it debugs "TLS alert (read)".
 */
function alert(number: number, name: string, causes: [Cause, ...Cause[]], plain: Text, next: Text): Entry {
  const forms = [
    `(?:sslv3|tlsv1|tlsv13|ssl/tls|TLS) alert (?:\\(read\\): fatal: )?${name}(?:: SSL alert number ${number}\\b)?`,
    `SSL alert number ${number}\\b`,
    `ERR_SSL_[A-Z0-9/]+_ALERT_${name.replaceAll(" ", "_")}\\b`,
    `Received fatal alert: ${name.replaceAll(" ", "_")}\\b`,
    // OpenSSL names the younger ones without the word "alert"
    `tlsv1 ${name}(?:: SSL alert number ${number}\\b)?`,
    // alone these words may be anybody's
    `^\\s*${name}\\s*$`,
  ];
  return { words: new RegExp(forms.join("|"), "i"), causes, refusedBy: "far", plain, next };
}

const askForLog: Text = {
  en: "ask the far side for the line before its refusal: only its log has the reason for certain",
  fr: "demandez à l'autre côté la ligne qui précède son refus : seul son journal a la vraie raison",
};

export const ALERTS: readonly Entry[] = [
  alert(
    45,
    "certificate expired",
    ["expired", "crl-expired"],
    {
      en: "the far side considers our certificate expired, or its own CRL has expired and ours is good",
      fr: "pour l'autre côté notre certificat a expiré, ou bien c'est sa propre CRL qui a expiré et le nôtre est bon",
    },
    {
      en: 'look at the last day of our certificate ("certs show"); if it is in date, the far CRL is to be renewed',
      fr: "voyez le dernier jour de notre certificat (« certs show ») ; s'il est bon, faites renouveler la CRL de l'autre côté",
    },
  ),
  alert(
    48,
    "unknown ca",
    ["unknown-authority", "incomplete-chain", "self-signed", "no-crl"],
    {
      en: "the far side cannot lead our certificate to an authority it believes, or has no CRL of that authority",
      fr: "l'autre côté ne peut rattacher notre certificat à une autorité reconnue, ou n'a pas de CRL de celle-ci",
    },
    {
      en: "send the far side our root and its CRL for CAfile and CRLfile, and put intermediates behind ours in cert",
      fr: "envoyez notre racine et sa CRL à l'autre côté (CAfile, CRLfile), et mettez nos intermédiaires dans cert",
    },
  ),
  alert(
    80,
    "internal error",
    ["wrong-name"],
    {
      en: "the far side expects another name than our certificate bears: that is how Stunnel puts it, and nothing has crashed",
      fr: "l'autre côté attend un autre nom que celui de notre certificat : Stunnel le dit ainsi, rien n'est en panne",
    },
    {
      en: "compare the names of our certificate with checkHost in the far side's stunnel.conf",
      fr: "comparez les noms de notre certificat avec checkHost dans le stunnel.conf de l'autre côté",
    },
  ),
  alert(
    42,
    "bad certificate",
    ["not-yet-valid", "weak-key", "weak-signature", "crl-not-yet-valid", "wrong-name"],
    {
      en: "for the far side our certificate is not valid yet, or its key or signature is too weak",
      fr: "pour l'autre côté notre certificat n'est pas encore valide, ou sa clé ou sa signature est trop faible",
    },
    {
      en: 'look at the first day, key and signature of our certificate ("certs show"), and at the far side\'s clock',
      fr: "regardez le premier jour, la clé et la signature de notre certificat (« certs show »), et l'heure de l'autre côté",
    },
  ),
  alert(
    43,
    "unsupported certificate",
    ["wrong-usage"],
    {
      en: "for the far side our certificate may not be used for our end of the link",
      fr: "pour l'autre côté notre certificat ne vaut pas pour notre bout de la liaison",
    },
    {
      en: "have it issued anew with serverAuth and clientAuth as extended key usages",
      fr: "faites-le réémettre avec serverAuth et clientAuth comme usages étendus (extended key usage)",
    },
  ),
  alert(
    44,
    "certificate revoked",
    ["revoked"],
    {
      en: "our certificate was revoked: it stands in the CRL of the far side",
      fr: "notre certificat est révoqué : il figure dans la CRL de l'autre côté",
    },
    {
      en: "have a new certificate issued with a new key, then reload Stunnel",
      fr: "faites émettre un nouveau certificat avec une nouvelle clé, puis rechargez Stunnel",
    },
  ),
  alert(
    46,
    "certificate unknown",
    ["certificate-refused", "expired", "self-signed", "incomplete-chain", "wrong-name"],
    {
      en: "the far side refused our certificate without saying why; Java does so for nearly every reason",
      fr: "l'autre côté a refusé notre certificat sans dire pourquoi ; Java le fait pour presque toute raison",
    },
    askForLog,
  ),
  alert(
    116,
    "certificate required",
    ["no-certificate"],
    {
      en: "the far side wants a certificate, and we showed none",
      fr: "l'autre côté veut un certificat, nous n'en avons présenté aucun",
    },
    {
      en: "set cert and key in the client service of stunnel.conf",
      fr: "mettez cert et key dans le service client de stunnel.conf",
    },
  ),
  alert(
    40,
    "handshake failure",
    ["no-common-suite", "no-certificate", "no-common-version"],
    {
      en: "no cipher suite in common; in TLS 1.2 also: the far side wants a certificate, and we showed none",
      fr: "aucune suite en commun ; en TLS 1.2 aussi : l'autre côté veut un certificat, et nous n'en présentons pas",
    },
    {
      en: "see whether cert is set in the client service of stunnel.conf, then compare ciphers on both sides",
      fr: "voyez si cert est présent dans le service client de stunnel.conf, puis comparez ciphers des deux côtés",
    },
  ),
  alert(
    70,
    "protocol version",
    ["no-common-version"],
    { en: "no TLS version in common with the far side", fr: "aucune version de TLS en commun avec l'autre côté" },
    {
      en: "let both sides speak TLS 1.2 or newer (sslVersionMin = TLSv1.2); do not go below",
      fr: "faites parler TLS 1.2 ou plus récent aux deux côtés (sslVersionMin = TLSv1.2), pas moins",
    },
  ),
  alert(
    71,
    "insufficient security",
    ["no-common-suite"],
    {
      en: "the far side considers every suite that we offer too weak",
      fr: "l'autre côté juge trop faible chaque suite que nous proposons",
    },
    { en: "compare ciphers in stunnel.conf on both sides", fr: "comparez ciphers dans stunnel.conf des deux côtés" },
  ),
  alert(
    51,
    "decrypt error",
    ["bad-signature"],
    {
      en: "for the far side a signature does not fit: it believes an authority of the same name with another key",
      fr: "pour l'autre côté une signature ne convient pas : il reconnaît une autorité de même nom, d'une autre clé",
    },
    {
      en: "send the far side the CA certificate and CRL that are in use here, to replace both of its own",
      fr: "envoyez à l'autre côté l'autorité et la CRL utilisées ici, pour remplacer les siennes",
    },
  ),
  alert(
    112,
    "unrecognized name",
    ["wrong-name"],
    {
      en: "the far side knows no server of the name that we asked for (SNI)",
      fr: "l'autre côté ne connaît aucun serveur du nom demandé (SNI)",
    },
    {
      en: "set sni or checkHost in the client service to a name that the far side serves",
      fr: "mettez dans sni ou checkHost du service client un nom que l'autre côté sert",
    },
  ),
];
