import type { Text } from "../../languages.ts";
import type { Entry } from "./entry.ts";

const bothNewer: Text = {
  en: "let the far side speak TLS 1.2 or newer; do not lower sslVersionMin here",
  fr: "faites parler TLS 1.2 ou plus récent à l'autre côté ; ne baissez pas sslVersionMin ici",
};

/** What goes wrong before a certificate is looked at, in the words of the side that saw it. */
export const HANDSHAKE: readonly Entry[] = [
  {
    words: /unsupported protocol|ERR_SSL_UNSUPPORTED_PROTOCOL|version too low/,
    causes: ["no-common-version"],
    refusedBy: "here",
    plain: {
      en: "the far side speaks only versions of TLS that are refused here",
      fr: "l'autre côté ne parle que des versions de TLS refusées ici",
    },
    next: bothNewer,
  },
  {
    words: /no protocols available|no ciphers available/,
    causes: ["no-common-version", "no-common-suite"],
    plain: {
      en: "the versions and suites that are set here exclude each other, so nothing can be offered",
      fr: "les versions et les suites réglées ici s'excluent : rien ne peut être proposé",
    },
    next: {
      en: "let sslVersionMin and sslVersionMax leave room for 1.2 or 1.3, with suites in ciphers that go with it",
      fr: "laissez place à 1.2 ou 1.3 entre sslVersionMin et sslVersionMax, avec des suites qui vont avec dans ciphers",
    },
  },
  {
    words: /no shared cipher|ERR_SSL_NO_SHARED_CIPHER/,
    causes: ["no-common-suite"],
    refusedBy: "here",
    plain: {
      en: "the far side offers no cipher suite that is allowed here",
      fr: "l'autre côté ne propose aucune suite admise ici",
    },
    next: {
      en: "let the far side offer ECDHE suites with GCM (ciphers in its stunnel.conf)",
      fr: "faites proposer à l'autre côté des suites ECDHE avec GCM (ciphers dans son stunnel.conf)",
    },
  },
  {
    words: /(?<=SSL routines:\w*:)https? (?:proxy )?request|ERR_SSL_HTTPS?_(?:PROXY_)?REQUEST/,
    causes: ["not-tls"],
    refusedBy: "here",
    plain: {
      en: "somebody spoke plain HTTP to the TLS port: a browser, a scanner or a health check",
      fr: "quelqu'un a parlé HTTP en clair au port TLS : un navigateur, un balayage de ports ou une sonde",
    },
    next: {
      en: 'find who connected ("accepted connection from", the same connection), and point it elsewhere',
      fr: "cherchez qui s'est connecté (« accepted connection from », même connexion) et dirigez-le ailleurs",
    },
  },
  {
    words: /wrong version number|packet length too long|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)/,
    causes: ["not-tls"],
    refusedBy: "here",
    plain: {
      en: "the far side does not speak TLS: plain MLLP to a TLS port, or a port without TLS",
      fr: "l'autre côté ne parle pas TLS : du MLLP en clair vers un port TLS, ou un port sans TLS",
    },
    next: {
      en: "a client goes to its own Stunnel's plain port, and connect in stunnel.conf to the peer's TLS port",
      fr: "dirigez le client vers le port en clair de son Stunnel, et connect (stunnel.conf) vers le port TLS du pair",
    },
  },
  {
    words: /unexpected eof while reading|ERR_SSL_UNEXPECTED_EOF_WHILE_READING/,
    causes: ["cut", "not-tls"],
    plain: {
      en: "the far side closed the connection without a word of TLS: a port check, or an end that does not speak TLS",
      fr: "l'autre côté a fermé sans un mot de TLS : un test de port, ou un bout qui ne parle pas TLS",
    },
    next: {
      en: "if a message was under way, look at the far side's log of that second; a port check may be ignored",
      fr: "si un message était en route, voyez le journal de l'autre côté à cette seconde ; un test de port peut être ignoré",
    },
  },
];
