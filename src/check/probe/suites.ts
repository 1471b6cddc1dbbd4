import { getCiphers, type SecureVersion } from "node:tls";
import { hasChosen, helloTo, type Target } from "./link.ts";
import { type Hello, probe, type Seen } from "./probe.ts";

/** What a port takes beside what it chose: versions, and suites by how they are judged (RFC 9325, 4.1 and 4.2). */
export interface Offered {
  versions: SecureVersion[];
  strong: string[];
  weak: string[];
  broken: string[];
}

const VERSIONS: SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
/** A peer that is far away is not asked for everything: the whole check has to end in time. */
const LIMIT_MS = 5000;
const STRONG = /^(?:TLS_|(?:EC)?DHE-(?:RSA|ECDSA)-.*(?:GCM|CHACHA20|CCM))/;
const BROKEN = /NULL|^ADH|^AECDH|RC4|DES|EXP|MD5/;
/** What OpenSSL lists to nobody: suites without an identity, and without encryption. */
const UNLISTED = "aNULL:eNULL";

/** Judges a suite by OpenSSL's name: a strong one has forward secrecy and authenticated encryption. */
export const strengthOf = (suite: string): "strong" | "weak" | "broken" =>
  BROKEN.test(suite) ? "broken" : STRONG.test(suite) ? "strong" : "weak";

/** Finds out what a port takes: it is asked again and again, each time without what it chose; undefined if it falls silent. */
export async function offeredBy(target: Target, limitMs = LIMIT_MS): Promise<Offered | undefined> {
  const hello = helloTo(target);
  const endAt = performance.now() + limitMs;
  const ask = (one: Hello) => askUntil(endAt, one);
  const listed = getCiphers().map((name) => name.toUpperCase());
  const certified = listed.filter((name) => !/PSK|SRP|^TLS_/.test(name));
  const newest = listed.filter((name) => name.startsWith("TLS_"));
  try {
    const asked = await Promise.all(VERSIONS.map(async (version) => hasChosen(await ask({ ...hello, version }))));
    const versions = VERSIONS.filter((_, index) => asked[index]);
    const suites = [
      ...(versions.includes("TLSv1.3") ? await choices(ask, { ...hello, version: "TLSv1.3" }, newest) : []),
      ...(versions.includes("TLSv1.2") ? await choices(ask, { ...hello, version: "TLSv1.2" }, certified) : []),
    ];
    const { suite: unlisted } = await ask({ ...hello, version: "TLSv1.2", ciphers: UNLISTED });
    const of = (strength: string) => suites.filter((suite) => strengthOf(suite) === strength);
    return {
      versions,
      strong: of("strong"),
      weak: of("weak"),
      broken: [...of("broken"), ...(unlisted ? [unlisted] : [])],
    };
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
}

/** Returns what a port chooses out of a list until nothing in it suits it. */
async function choices(ask: (one: Hello) => Promise<Seen>, hello: Hello, candidates: string[]): Promise<string[]> {
  const chosen: string[] = [];
  for (;;) {
    const left = candidates.filter((name) => !chosen.includes(name));
    const { suite } = left.length === 0 ? {} : await ask({ ...hello, ciphers: left.join(":") });
    // a port that chooses what was not offered would be asked for ever
    if (suite === undefined || !left.includes(suite)) return chosen;
    chosen.push(suite);
  }
}

/** That a port did not answer at all says nothing about what it takes. */
class NoAnswer extends Error {}

/** What matters is what the port chose: whether it then takes us is another question. */
async function askUntil(endAt: number, hello: Hello): Promise<Seen> {
  if (performance.now() > endAt) throw new NoAnswer();
  const seen = await probe(hello, 0);
  if (seen.end === "unreached" || seen.end === "silent") throw new NoAnswer();
  return seen;
}
