import type { Text } from "../../languages.ts";

/* Why a port was not judged, and what is to be done about that. */

export const NO_TLS: Text = { en: "no TLS port is reached", fr: "aucun port TLS n'a pu être joint" };
export const NO_HANDSHAKE: Text = {
  en: "no TLS connection got that far",
  fr: "aucune connexion TLS n'est allée jusque-là",
};
export const NO_ANSWER: Text = { en: "no answer this time", fr: "pas de réponse cette fois" };
export const REACH_FIRST: Text = { en: "mend handshake.reached first", fr: "corrigez d'abord handshake.reached" };
export const ASK_AGAIN: Text = {
  en: "ask again: something limits how often this port is asked, or it was just restarted",
  fr: "redemandez : quelque chose limite le nombre de demandes à ce port, ou il vient de redémarrer",
};
/** Why nothing of our own certificate is judged where we have none, and what it takes. */
export const WITHOUT_OURS: [Text, Text] = [
  { en: "no certificate of ours is at hand", fr: "aucun certificat de notre part n'est fourni" },
  {
    en: "name it with --cert and --key (in a site: mend certificates.files)",
    fr: "indiquez-le avec --cert et --key (sur un site : corrigez certificates.files)",
  },
];
export const DIAL_THE_PEER: Text = {
  en: "name the other site's host and TLS port (PEER in a site, connect in stunnel.conf, --connect), not our own",
  fr: "nommez l'hôte et le port TLS de l'autre site (PEER sur un site, connect dans stunnel.conf, --connect), pas les nôtres",
};
