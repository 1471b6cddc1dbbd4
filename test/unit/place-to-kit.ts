import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fail, type PlaceCode } from "../../src/check/finding.ts";
import { type Evidence, placeTo } from "../../src/check/place/place-to.ts";
import type { HeldOpen } from "../../src/check/probe/hold-open.ts";
import type { Link } from "../../src/check/probe/link.ts";
import type { ProbeEnd, Seen } from "../../src/check/probe/probe.ts";
import { same } from "../../src/languages.ts";
import { dpi, reached, targetOf } from "./tls-kit.ts";

export const target = targetOf({ endpoint: { host: "192.0.2.7", port: 32_100 } });
export const addresses = ["192.0.2.7"];

/** What a probe saw; of a port that chose a suite also its certificate. */
export const seen = (end: ProbeEnd, words = "", hasChosen = true): Seen => {
  const chosen = {
    version: "TLSv1.3",
    suite: "TLS_AES_128_GCM_SHA256",
    certificate: new X509Certificate(dpi.certificate),
  };
  return { end, words, handshakeMs: hasChosen ? 1 : 0, ...(hasChosen && chosen) };
};
export const linked = (baseline: Seen, more: Partial<Link> = {}): Partial<Evidence> => ({
  link: { target, reached, baseline, ...more },
});
export const notReached = (state: Exclude<Link["reached"], { state: "open" }>): Partial<Evidence> => ({
  link: { target, reached: state },
});
export const held = (end: HeldOpen["end"], ...lines: string[]): Partial<Evidence> => ({ held: { end, lines } });
export const open = linked(seen("open"));
export const doubted = [fail("handshake.peer-name", same("it bears x"), same("is that the right peer?"))];

export const placed = (...evidence: Partial<Evidence>[]) =>
  placeTo(Object.assign({ near: "127.0.0.1:21010", handshake: [] }, ...evidence) as Evidence);

export const alert = (words: string) =>
  `SSL_connect: ssl/record/rec_layer_s3.c:916: error:0A000418:SSL routines::${words}`;
export const dates = String.raw`\d{4}-\d\d-\d\d`;

export type Row = [string, PlaceCode, RegExp, RegExp, Partial<Evidence>[]];

/** Tests that the leg stops at a place, and that it is said in both languages. */
export const testPlaces = (rows: Row[]) =>
  describe.each(rows)("where %s the leg stops at", (_what, code, en, fr, evidence) => {
    test(code, () => {
      const { sentence, hint, ...place } = placed(...evidence);
      expect(place.code).toBe(code);
      expect(sentence.en).toMatch(en);
      expect(sentence.fr).toMatch(fr);
      // one next action, unless nothing is to be done
      expect(hint === undefined ? [] : [hint.en, hint.fr].filter((text) => text.length > 10)).toHaveLength(
        code === "works" ? 0 : 2,
      );
    });
  });
