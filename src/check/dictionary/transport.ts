import type { Text } from "../../languages.ts";
import type { Cause, Entry } from "./entry.ts";

/** What happens to the connection below TLS; nobody was refused for what they showed. */
const transport = (words: RegExp, causes: [Cause, ...Cause[]], plain: Text, next: Text): Entry => ({
  words,
  causes,
  plain,
  next,
});

export const TRANSPORT: readonly Entry[] = [
  transport(
    /(?<=s_connect: connect (?:127\.[\d.]+|::1):\d+: )Connection refused/,
    ["application-down"],
    {
      en: "Stunnel reached nothing on its own machine: the application behind it does not listen",
      fr: "Stunnel n'a rien joint sur sa propre machine : l'application derrière lui n'écoute pas",
    },
    {
      en: "start the application, or correct connect in stunnel.conf to the port it listens on",
      fr: "lancez l'application, ou corrigez connect dans stunnel.conf vers le port qu'elle écoute",
    },
  ),
  transport(
    /(?<!s_connect: connect (?:127\.[\d.]+|::1):\d+: )Connection refused|ECONNREFUSED/,
    ["port-closed"],
    {
      en: "the machine answers, and nothing listens on that port",
      fr: "la machine répond, et rien n'écoute sur ce port",
    },
    {
      en: "compare connect with the port that the other Stunnel accepts on, and see that it runs",
      fr: "comparez connect avec le port accept de l'autre Stunnel, et voyez s'il tourne",
    },
  ),
  transport(
    /TIMEOUTconnect exceeded|Connection timed out|ETIMEDOUT/,
    ["unreachable"],
    {
      en: "packets get no answer: a firewall drops them, or nobody has that address",
      fr: "les paquets restent sans réponse : un pare-feu les bloque, ou personne n'a cette adresse",
    },
    {
      en: "ask both sides to open the firewall for this address and port",
      fr: "demandez des deux côtés l'ouverture du pare-feu pour cette adresse et ce port",
    },
  ),
  transport(
    /Network is unreachable|No route to host|ENETUNREACH|EHOSTUNREACH/,
    ["unreachable"],
    { en: "no route leads to the far side", fr: "aucune route ne mène à l'autre côté" },
    {
      en: "look at the routes of this machine (ip route get), then at the VPN",
      fr: "regardez les routes de cette machine (ip route get), puis le VPN",
    },
  ),
  transport(
    /Error resolving|Cannot resolve connect target|No remote host resolved|ENOTFOUND|EAI_AGAIN/,
    ["name-not-resolved"],
    { en: "the far side's name has no address here", fr: "le nom de l'autre côté n'a pas d'adresse ici" },
    {
      en: "correct the name in connect, or ask for it in DNS (getent hosts)",
      fr: "corrigez le nom dans connect, ou faites-le mettre dans le DNS (getent hosts)",
    },
  ),
  transport(
    /TIMEOUTbusy exceeded/,
    ["silent", "not-tls"],
    {
      en: "the far side took the connection and did not get on with the handshake: not TLS, or it hangs",
      fr: "l'autre côté a accepté la connexion sans avancer dans la négociation TLS : pas du TLS, ou il est bloqué",
    },
    {
      en: "see that connect names the TLS port, and that nothing waits in between, such as a proxy",
      fr: "voyez si connect nomme le port TLS, et si rien n'attend entre les deux, comme un mandataire",
    },
  ),
  transport(
    /TIMEOUTidle exceeded/,
    ["silent"],
    {
      en: "nothing crossed for long, so Stunnel cut it; a message may have been processed without acknowledgment",
      fr: "rien n'a passé pendant longtemps, Stunnel a coupé ; un message a pu être traité sans acquittement",
    },
    {
      en: "set TIMEOUTidle above the longest pause and the slowest acknowledgment",
      fr: "réglez TIMEOUTidle au-dessus de la plus longue pause et de l'acquittement le plus lent",
    },
  ),
  transport(
    /TIMEOUTclose exceeded/,
    ["silent"],
    {
      en: "one side had closed, and the other did not within the time that TIMEOUTclose gives",
      fr: "un côté avait fermé, l'autre non dans le délai de TIMEOUTclose",
    },
    {
      en: "let the application acknowledge before its peer gives up, or raise TIMEOUTclose",
      fr: "faites acquitter l'application avant que son pair renonce, ou augmentez TIMEOUTclose",
    },
  ),
  transport(
    /unsent byte\(s\)/,
    ["cut"],
    {
      en: "the far side closed before all was sent; in TLS 1.3 this is often a refusal whose alert was lost",
      fr: "l'autre côté a fermé avant la fin de l'envoi ; en TLS 1.3, souvent un refus dont l'alerte s'est perdue",
    },
    {
      en: "look for the reason in the far side's log of that second",
      fr: "cherchez la raison dans le journal de l'autre côté à cette seconde",
    },
  ),
  transport(
    /Connection reset by peer|ECONNRESET|Broken pipe|EPIPE/,
    ["cut"],
    {
      en: "the connection was cut from the other end, or by a firewall in between",
      fr: "la connexion a été coupée par l'autre bout, ou par un pare-feu entre les deux",
    },
    {
      en: "look into the far side's log of that second; if it is always after a pause, set SO_KEEPALIVE",
      fr: "voyez le journal de l'autre côté à cette seconde ; si c'est toujours après une pause, mettez SO_KEEPALIVE",
    },
  ),
];
