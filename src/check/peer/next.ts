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
