import { same, type Text } from "../../languages.ts";
import { placeOf } from "../../mllp/endpoint.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { explained } from "../place/unreachable.ts";
import { hasChosen, type Link } from "../probe/link.ts";
import { reasonText } from "../probe/reach.ts";
import { strengthOf } from "../probe/suites.ts";
import type { FindingId } from "../questions.ts";
import { NO_HANDSHAKE } from "./next.ts";
import { judgeCertificate } from "./peer-certificate.ts";

const OF_THE_HANDSHAKE = ["handshake.version", "handshake.suite"] as const;
const OF_THE_CERTIFICATE = ["chain", "name", "other", "usage", "strength", "days", "crl"] as const;

/** Judges how the peer takes our TLS, and the certificate that it shows. */
export function judgeHandshake(link: Link, now: Date): Finding[] {
  const { target, reached, baseline, passedOver = [] } = link;
  const place = placeOf(target.endpoint);
  const findings: Finding[] = [];
  if (reached.state !== "open" || !baseline || !hasChosen(baseline)) {
    const { sentence, hint } = explained(link);
    findings.push(fail("handshake.reached", sentence, hint));
    return [...findings, ...[...OF_THE_HANDSHAKE, ...idsOf()].map((id) => skip(id, NO_HANDSHAKE, hint))];
  }
  const ms = Math.round(reached.connectMs);
  const addresses = reached.addresses.join(", ");
  const times = `TCP ${ms} ms, TLS ${Math.round(baseline.handshakeMs) || "?"} ms`;
  const there = { en: `${place} is ${addresses}: ${times}`, fr: `${place} est ${addresses} : ${times}` };
  findings.push(
    passedOver.length === 0
      ? pass("handshake.reached", there)
      : warn(
          "handshake.reached",
          {
            en: `${there.en}; not reached before it: ${passedOver.join(", ")}`,
            fr: `${there.fr} ; injoignable avant lui : ${reasonText(passedOver.join(", ")).fr}`,
          },
          {
            en: "have it started, or take its connect line out: nothing stands in for the other one",
            fr: "faites-le démarrer, ou retirez sa ligne connect : l'autre n'a plus de secours",
          },
        ),
    judgeVersion(baseline.version ?? ""),
    judgeSuite(baseline.suite ?? ""),
  );
  const { certificate } = baseline;
  if (certificate) return [...findings, ...judgeCertificate(certificate, link, now)];
  const why = { en: "the peer showed no certificate", fr: "le pair n'a présenté aucun certificat" };
  const hint = {
    en: "have cert and key set in the peer's service",
    fr: "faites définir cert et key dans le service du pair",
  };
  return [...findings, ...idsOf().map((id) => fail(id, why, hint))];
}

const idsOf = (): FindingId[] => OF_THE_CERTIFICATE.map((name) => `handshake.peer-${name}` as const);

function judgeVersion(version: string): Finding {
  if (version === "TLSv1.2" || version === "TLSv1.3") return pass("handshake.version", same(version));
  return fail("handshake.version", same(version), MODERN_VERSIONS);
}

const MODERN_VERSIONS: Text = {
  en: "set sslVersionMin = TLSv1.2 on both sides",
  fr: "définissez sslVersionMin = TLSv1.2 des deux côtés",
};

function judgeSuite(suite: string): Finding {
  const judge = { strong: pass, weak: warn, broken: fail }[strengthOf(suite)];
  return judge("handshake.suite", same(suite), STRONG_SUITES);
}

const STRONG_SUITES: Text = {
  en: "set ciphers to the four ECDHE suites with GCM, on both sides",
  fr: "limitez ciphers aux quatre suites ECDHE avec GCM, des deux côtés",
};
