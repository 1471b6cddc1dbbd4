import { joined, type Text } from "../../languages.ts";
import { type Seen, type Service, valueIn } from "./services.ts";
import { levelOf, speaksOnly13 } from "./tls-versions.ts";

/** The four suites of TLS 1.2 that every Stunnel of ours speaks: forward secrecy and authenticated encryption. */
const STRONG_SUITES =
  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

/** What protects nothing, or is broken. */
const BROKEN = /NULL|RC4|DES|MD5|anon|(?:^|\+)(?:ADH|AECDH|EXP|LOW|COMPLEMENTOFALL)/i;
/** A suite by its name in OpenSSL or at IANA, or NSA's two words, with forward secrecy and authenticated encryption. */
const STRONG = [
  /^(?:ECDHE|DHE)-(?:.+-)?(?:GCM-SHA\d+|CHACHA20-POLY1305|CCM8?)$/i,
  /^TLS_(?:ECDHE|DHE)_\w+_(?:GCM_SHA\d+|CHACHA20_POLY1305_SHA256|CCM(?:_8)?)$/i,
  // of TLS 1.3: one too many in this list, and does no harm
  /^TLS_(?:AES|CHACHA20)_\w+$/i,
  /^SUITEB\d+\w*$/i,
];
/** One suite by its name; a word stands for many, at level 0 for those without authentication as well. */
const SUITE = /^[A-Z\d]+(?:-[A-Z\d]+)+$/i;
const EPHEMERAL = /^(?:k?(?:ECDHE|EECDH|DHE|EDH)|ECDH|DH)$/i;
const AUTHENTICATED = /^(?:AESGCM|AESCCM8?|CHACHA20|ARIAGCM)$/i;
/** OpenSSL has two suites of TLS 1.3 that encrypt nothing. */
const UNENCRYPTED_13 = /^TLS_SHA(?:256|384)_SHA(?:256|384)$/i;

/** Judges the suites that a service allows, by RFC 9325, 4.1 and 4.2. */
export function cipherList(service: Service): Seen {
  const list = valueIn(service, "ciphers");
  const only13 = speaksOnly13(service);
  const unencrypted = split(valueIn(service, "ciphersuites") ?? "").filter((suite) => UNENCRYPTED_13.test(suite));
  const fix = {
    write: [`ciphers = ${STRONG_SUITES}`],
    ...(list !== undefined && { insteadOf: [`ciphers = ${list}`] }),
  };
  if (unencrypted.length > 0) {
    const insteadOf = [`ciphersuites = ${valueIn(service, "ciphersuites")}`];
    const write = ["ciphersuites = TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"];
    return { status: "fail", detail: letsIn(unencrypted), fix: { write, insteadOf } };
  }
  if (only13) return { status: "pass", detail: { en: "TLS 1.3 only", fr: "TLS 1.3 seulement" } };
  if (list === undefined) return { status: "warn", detail: joined([NOT_SET, WEAK], ":"), fix };
  const tokens = tokensOf(list);
  const broken = tokens.filter((token) => BROKEN.test(token));
  if (broken.length > 0) return { status: "fail", detail: letsIn(broken), fix };
  const weak = tokens.filter((token) => !isStrong(token, list));
  const unbound = levelOf(service) === 0 ? tokens.filter((token) => !isStrong(token) && !SUITE.test(token)) : [];
  if (unbound.length > 0) return { status: "fail", detail: joined([letsIn(unbound), UNBOUND], ":"), fix };
  if (weak.length > 0) return { status: "warn", detail: joined([letsIn(weak), WEAK], ":"), fix };
  const count = tokens.length;
  return {
    status: "pass",
    detail: {
      en: `${count} ${count > 1 ? "entries" : "entry"}, all with forward secrecy and authenticated encryption`,
      fr: `${count} ${count > 1 ? "entrées, toutes" : "entrée,"} à confidentialité persistante et chiffrement authentifié`,
    },
  };
}

const NOT_SET: Text = { en: "ciphers is not set", fr: "ciphers n'est pas défini" };
const WEAK: Text = {
  en: "static RSA or CBC suites are accepted in TLS 1.2",
  fr: "des suites RSA statiques ou CBC sont acceptées en TLS 1.2",
};

const UNBOUND: Text = {
  en: "at security level 0 suites without authentication or encryption are accepted",
  fr: "au niveau de sécurité 0, des suites sans authentification ou sans chiffrement sont acceptées",
};

const letsIn = (tokens: string[]): Text => ({
  en: `the list lets in ${tokens.join(", ")}`,
  fr: `la liste laisse passer ${tokens.join(", ")}`,
});

const split = (list: string): string[] => list.split(/[:,; ]+/).filter((token) => token !== "");

/** Returns what a list lets in: without what only takes away, sorts anew or sets the level. */
function tokensOf(list: string): string[] {
  const all = split(list).map((token) => token.replace(/@.*$/, ""));
  const banned = new Set(all.filter((token) => token.startsWith("!")).map((token) => token.slice(1).toLowerCase()));
  return all.filter((token) => /^[^!+-]/.test(token) && !banned.has(token.toLowerCase()));
}

/** Says whether a suite, or a word with what the list bans, stands for strong suites only. */
function isStrong(token: string, list = ""): boolean {
  if (STRONG.some((form) => form.test(token))) return true;
  const parts = token.split("+");
  const ephemeral = parts.some((part) => EPHEMERAL.test(part)) || split(list).some((one) => /^!k?RSA$/i.test(one));
  return ephemeral && parts.some((part) => AUTHENTICATED.test(part));
}
