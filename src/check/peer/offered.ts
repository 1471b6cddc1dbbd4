import { same } from "../../languages.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { hasChosen, helloTo, type Link, type Target } from "../probe/link.ts";
import { probe, type Seen } from "../probe/probe.ts";
import { type Offered, offeredBy } from "../probe/suites.ts";
import { NO_HANDSHAKE, REACH_FIRST } from "./next.ts";

/** Judges which versions and suites the peer takes beside those that were negotiated. */
export async function judgeOffered({ target, baseline }: Link, holdMs?: number): Promise<Finding[]> {
  const offered = baseline && hasChosen(baseline) ? await offeredBy(target) : undefined;
  if (!baseline || !offered || offered.versions.length === 0) {
    const ids = ["handshake.other-versions", "handshake.other-suites", "handshake.resumption"] as const;
    return ids.map((id) => skip(id, NO_HANDSHAKE, REACH_FIRST));
  }
  return [judgeVersions(offered.versions), judgeSuites(offered), await judgeResumption(target, baseline, holdMs)];
}

function judgeVersions(versions: string[]): Finding {
  const id = "handshake.other-versions";
  const shown = same(versions.join(", "));
  if (versions.some((version) => version === "TLSv1" || version === "TLSv1.1"))
    return fail(id, shown, {
      en: "have sslVersionMin = TLSv1.2 set on the peer's side (RFC 9325, 3.1.1)",
      fr: "faites définir sslVersionMin = TLSv1.2 du côté du pair (RFC 9325, 3.1.1)",
    });
  if (versions.includes("TLSv1.3")) return pass(id, shown);
  return warn(id, shown, {
    en: "have the peer take TLS 1.3 as well (RFC 9325, 3.1.1)",
    fr: "faites accepter aussi TLS 1.3 par le pair (RFC 9325, 3.1.1)",
  });
}

function judgeSuites({ strong, weak, broken }: Offered): Finding {
  const id = "handshake.other-suites";
  const bad = [...broken, ...weak].join(", ");
  if (bad === "") return pass(id, same(strong.join(", ")));
  const what = { en: `also ${bad}`, fr: `aussi ${bad}` };
  // RFC 9325: 4.1 forbids the ones, and 4.1 and 4.2 advise against the others
  return (broken.length > 0 ? fail : warn)(id, what, {
    en: "have ciphers on the peer's side limited to the four ECDHE suites with GCM",
    fr: "faites limiter ciphers du côté du pair aux quatre suites ECDHE avec GCM",
  });
}

async function judgeResumption(target: Target, { session, end }: Seen, holdMs?: number): Promise<Finding> {
  const id = "handshake.resumption";
  if (!session)
    return end === "open"
      ? pass(id, { en: "it gives no session to resume", fr: "il ne donne aucune session à reprendre" })
      : skip(
          id,
          { en: "the connection did not stand long enough", fr: "la connexion n'a pas tenu assez longtemps" },
          { en: "mend exchange.tunnel first", fr: "corrigez d'abord exchange.tunnel" },
        );
  const { resumed } = await probe({ ...helloTo(target), session }, holdMs);
  if (resumed === undefined)
    return skip(
      id,
      { en: "no connection got that far a second time", fr: "aucune connexion n'est allée jusque-là une seconde fois" },
      { en: "ask again", fr: "redemandez" },
    );
  if (!resumed)
    return pass(id, { en: "it gives one, and does not resume it", fr: "il en donne une, et ne la reprend pas" });
  return warn(
    id,
    { en: "it resumed a session", fr: "il a repris une session" },
    {
      en: "have the peer set sessionResume = no: Stunnel does not check the certificate of a resumed session, expired or not",
      fr: "faites définir sessionResume = no par le pair : Stunnel ne vérifie pas le certificat d'une session reprise, expiré ou non",
    },
  );
}
