import type { Text } from "../../languages.ts";
import type { Health } from "../../site/health.ts";
import { type Finding, fail, pass, skip } from "../finding.ts";

/** What a site says of itself; it may hang, or not be there to ask. */
export type SiteHealth = Health | "hangs" | undefined;

/** Judges what a site said of itself, as its health check sees it. */
export function judgeSite(health: SiteHealth): Finding[] {
  if (health !== "hangs") return health ? judgeRuns(health) : [];
  const what = {
    en: "the site does not answer on its control port in time: it hangs",
    fr: "le site ne répond pas à temps sur son port de contrôle : il est figé",
  };
  const hint = { en: "restart it: docker compose restart", fr: "redémarrez-le : docker compose restart" };
  const unseen = { en: "the site hangs", fr: "le site est figé" };
  return [skip("site.stunnel", unseen, hint), skip("site.ports", unseen, hint), fail("site.listener", what, hint)];
}

/** Judges whether a site runs. */
export function judgeRuns({ stunnel, closedPorts, listener }: Health): Finding[] {
  return [
    stunnel
      ? pass("site.stunnel", { en: "the process lives", fr: "le processus tourne" })
      : fail(
          "site.stunnel",
          { en: "there is no such process", fr: "ce processus n'existe pas" },
          {
            en: 'read its last words in "docker compose logs", then "docker compose restart"',
            fr: "lisez ses derniers mots dans « docker compose logs », puis lancez « docker compose restart »",
          },
        ),
    closedPorts.length === 0
      ? pass("site.ports", portsText(listener))
      : fail(
          "site.ports",
          { en: `nobody listens on ${closedPorts.join(", ")}`, fr: `personne n'écoute sur ${closedPorts.join(", ")}` },
          {
            en: 'compare the "accept" lines of stunnel.conf with the ports of site.ts, and see what Stunnel says of "bind"',
            fr: "comparez les lignes « accept » de stunnel.conf aux ports de site.ts, et voyez ce que Stunnel dit de « bind »",
          },
        ),
    judgeListener(listener),
  ];
}

const portsText = (listener: Health["listener"]): Text =>
  listener === "off"
    ? { en: "both legs", fr: "les deux sens" }
    : { en: "both legs and the listener", fr: "les deux sens et l'écouteur" };

function judgeListener(listener: Health["listener"]): Finding {
  const id = "site.listener";
  if (listener === "off")
    return skip(
      id,
      { en: "off by choice: an engine listens in its place", fr: "éteint par choix : un moteur écoute à sa place" },
      { en: "exchange.from says whether it does", fr: "exchange.from dit s'il le fait" },
    );
  if (listener) return pass(id, { en: "a connection was taken", fr: "une connexion a été acceptée" });
  return fail(
    id,
    { en: "no connection was taken within 1 s", fr: "aucune connexion n'a été acceptée en 1 s" },
    {
      en: 'see whether "listen" runs and what it says: "docker compose logs"',
      fr: "voyez si « listen » tourne et ce qu'il dit : « docker compose logs »",
    },
  );
}
