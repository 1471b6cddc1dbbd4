import { expect, test } from "vitest";
import { meaningsOf } from "../../src/check/dictionary/dictionary.ts";
import { type Own, whyRefused } from "../../src/check/place/why-refused.ts";
import { readCertificates } from "../../stunnel/inspect.ts";
import { daysLater, Sandbox } from "./gen-certs-sandbox.ts";
import { lab } from "./lab-made.ts";
import { ecPair } from "./trust-kit.ts";

const now = daysLater(0);
const certificatesOf = (file: string) => readCertificates(lab[file] ?? "", file, "");
const authorities = certificatesOf("eai/ca.crt");
const faulty = (fault: string): Own => ({ chain: certificatesOf(`lab/${fault}/eai.faulty.crt`), authorities });
const good: Own = { chain: certificatesOf("eai/eai.crt"), authorities };

function why(alert: number, own: Own, at = now) {
  const [said] = meaningsOf(`SSL alert number ${alert}`);
  if (!said) throw new Error("no such alert");
  return whyRefused(said, own, at);
}

const TABLE: [string, number, Own, string, RegExp, RegExp][] = [
  ["expired", 45, faulty("expired"), "expired", /it has expired$/, /il a expiré$/],
  ["in date", 45, good, "crl-expired", /the CRL of the peer has expired$/, /la CRL du pair qui a expiré$/],
  ["self-signed", 48, faulty("self-signed"), "self-signed", /is self-signed$/, /est autosigné$/],
  [
    "without its intermediate",
    48,
    faulty("incomplete-chain"),
    "incomplete-chain",
    /its issuer CN=.+ is neither sent behind it nor in our CAfile: an intermediate that is missing, or /,
    /son émetteur CN=.+ n'est ni envoyé derrière lui ni dans notre CAfile : /,
  ],
  [
    "with its whole chain",
    48,
    good,
    "unknown-authority",
    /the peer does not believe CN=mllp-safetunnel sandbox CA, .+, or has no CRL of CN=mllp-safetunnel sandbox CA, /,
    /le pair ne reconnaît pas CN=mllp-safetunnel sandbox CA/,
  ],
  ["with its intermediate", 48, faulty("missing-crl"), "unknown-authority", /chain is complete/, /chaîne est complète/],
  ["too early", 42, faulty("not-yet-valid"), "not-yet-valid", /not valid yet$/, /pas encore valide$/],
  ["weak", 42, faulty("no-san"), "weak-key", /too short \(RSA 512\)$/, /trop courte \(RSA 512\)$/],
  ["of another name", 80, faulty("wrong-host"), "wrong-name", /than ours: eai.wrong-host.example$/, /les nôtres : eai/],
  ["of a common name only", 80, faulty("no-san"), "wrong-name", /than ours: eai$/, /les nôtres : eai$/],
  [
    "of another usage",
    43,
    faulty("wrong-usage-server-only"),
    "wrong-usage",
    /good for serverAuth only$/,
    /ne vaut que pour serverAuth$/,
  ],
  [
    "revoked",
    44,
    faulty("revoked"),
    "revoked",
    /it was revoked \(serial [0-9A-F]+\)$/,
    /révoqué \(numéro [0-9A-F]+\)$/,
  ],
  ["expired, vaguely refused", 46, faulty("expired"), "expired", /it has expired$/, /il a expiré$/],
];

/** What both languages name in the next action of a cause. */
const NEXT: Record<string, RegExp> = {
  expired: /certs reload\b/,
  "crl-expired": /CRLfile\b/,
  "self-signed": /certs reload\b/,
  "incomplete-chain": /(?:file of|fichier) cert\b/,
  "unknown-authority": /CAfile\b/,
  "not-yet-valid": /date -u\b/,
  "weak-key": /certs reload\b/,
  "wrong-name": /checkHost\b/,
  "wrong-usage": /serverAuth\b/,
  revoked: /certs reload\b/,
};

test.each(TABLE)("our certificate %s, alert %i", (_, alert, own, cause, en, fr) => {
  const { plain, next, ...found } = why(alert, own);
  const [{ subject, validFromDate, validToDate }] = own.chain;
  // of which the serial would be most
  const named = subject.split("\n").filter((part) => !part.startsWith("serialNumber=cert:"));
  const name = named.join(", ");
  const [from, to] = [validFromDate, validToDate].map((date) => date.toISOString().slice(0, 10));
  expect(found).toEqual({ cause });
  expect(plain.en).toMatch(en);
  expect(plain.fr).toMatch(fr);
  expect(plain.en.startsWith(`our certificate ${name}, valid ${from} to ${to}: `)).toBe(true);
  expect(plain.fr.startsWith(`notre certificat ${name}, valable du ${from} au ${to} : `)).toBe(true);
  for (const action of [next.en, next.fr]) expect(action).toMatch(NEXT[cause] ?? "no action");
  expect(next.en).not.toBe(next.fr);
});

test("of a chain it is the certificate that has ended which is named", () => {
  const authority = authorities[0];
  const [own] = good.chain;
  const chain: Own["chain"] = authority ? [own, authority] : [own];
  // both have ended by then, the first of the chain is told
  expect(why(45, { chain, authorities }, daysLater(5000)).plain.en).toContain(own.subject.split("\n")[0]);
  const ended = certificatesOf("lab/expired/eai.faulty.crt")[0];
  expect(why(45, { chain: [own, ended], authorities }).plain.en).toContain("FAULTY expired");
});

test("an intermediate that only our CAfile holds is one that is not sent", () => {
  const [own, intermediate] = certificatesOf("lab/missing-crl/eai.faulty.crt");
  if (!intermediate) throw new Error("no intermediate");
  const { cause, next } = why(48, { chain: [own], authorities: [intermediate, ...authorities] });
  expect([cause, next.en]).toEqual([
    "incomplete-chain",
    expect.stringContaining(intermediate.subject.split("\n")[0] ?? ""),
  ]);
});

test("a good, strong certificate that is called bad speaks for the peer's clock", () => {
  using scratch = new Sandbox();
  const strong = (...options: string[]): Own => {
    const { certificate } = ecPair(scratch, "own", "/CN=eai", undefined, ...options);
    return { chain: readCertificates(certificate, "own.crt", ""), authorities: [] };
  };
  const { cause, plain } = why(42, strong(), new Date());
  expect([cause, plain.en]).toEqual(["not-yet-valid", expect.stringMatching(/the peer's clock is behind$/)]);
});

test("where our certificate tells nothing, the alert's own meaning stands", () => {
  for (const alert of [40, 46, 70, 116]) {
    const [said] = meaningsOf(`SSL alert number ${alert}`);
    expect(why(alert, good)).toEqual({ cause: said?.causes[0], plain: said?.plain, next: said?.next });
  }
});
