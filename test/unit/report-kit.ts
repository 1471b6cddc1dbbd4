import { fail, pass, skip, warn } from "../../src/check/finding.ts";
import { QUESTIONS } from "../../src/check/questions.ts";
import type { Identity, Report } from "../../src/check/report/report.ts";
import { LANGS, same, type Text } from "../../src/languages.ts";

const said = (en: string, fr: string): Text => ({ en, fr });

/** What another program may have said, with all that could act on a terminal, a page or a document. */
export const HOSTILE = "CN=<script>alert('1')</script> & \"x\"\u001b[31m\t\u202e\ud800\uffff\n]]>";

const identity = (role: Identity["role"], subject: string, daysLeft: number): Identity => ({
  role,
  facts: {
    subject,
    issuer: "CN=sandbox CA",
    names: role === "authority" ? [] : [role, "localhost"],
    usage: ["serverAuth", "clientAuth"],
    key: "RSA 3072",
    signature: "sha256WithRSAEncryption",
    serial: "472A725C1FC485A2",
    fingerprint256: "08:94:BB:E5:D3:89",
    from: new Date("2026-11-21T10:00:00Z"),
    ends: new Date("2027-12-23T10:00:00Z"),
    daysLeft,
  },
});

/** A report that has each status, groups in another order than that of the questions, and hostile words. */
export const report: Report = {
  site: "eai",
  peer: "dpi.example:32100",
  peerName: "dpi",
  time: new Date("2026-11-21T10:05:32.120Z"),
  durationMs: 3240,
  legs: {
    to: { code: "works", sentence: said("a message is acknowledged", "un message est acquitté") },
    from: {
      code: "nobody-came",
      sentence: said("nobody has connected", "personne ne s'est connecté"),
      hint: said("ask the peer to send", "demandez au pair d'émettre"),
    },
  },
  identities: [identity("own", "CN=eai", 396), identity("peer", HOSTILE, -1), identity("authority", "CN=CA", 1)],
  findings: [
    pass("handshake.version", same("TLSv1.3")),
    fail(
      "handshake.peer-name",
      said(`it bears ${HOSTILE}`, `il porte ${HOSTILE}`),
      said("ask for a certificate of dpi", "demandez un certificat de dpi"),
    ),
    pass("site.stunnel", said("5.74, process 7", "5.74, processus 7")),
    warn(
      "certificates.crl-days",
      said("16 days left", "encore 16 jours"),
      said("fetch a new CRL", "prenez une CRL neuve"),
    ),
    skip(
      "exchange.acknowledged",
      said("nothing was sent", "rien n'a été envoyé"),
      said("give --exchange", "donnez --exchange"),
    ),
    skip(
      "exchange.negative",
      said("nothing was sent", "rien n'a été envoyé"),
      said("give --exchange", "donnez --exchange"),
    ),
  ],
};

/** The same without what failed. */
export const passed: Report = { ...report, findings: report.findings.filter(({ status }) => status !== "fail") };

/** The same where the leg to the peer does not work, and no finding says so. */
export const stopped: Report = {
  ...passed,
  legs: {
    to: {
      code: "port-closed",
      sentence: said("nobody listens", "personne n'écoute"),
      hint: said("start it", "lancez-le"),
    },
  },
};

/** What a reader has to find of it, in each language: all questions, details, hints, sentences. */
export const wordsOf = Object.fromEntries(
  LANGS.map((lang) => [
    lang,
    [
      ...report.findings.map(({ id }) => QUESTIONS[id][lang]),
      ...[
        ...report.findings,
        ...[report.legs.to, report.legs.from].map((leg) => ({ detail: leg?.sentence, hint: leg?.hint })),
      ]
        .flatMap(({ detail, hint }) => [detail?.[lang], hint?.[lang]])
        .filter((text) => text !== undefined && !text.includes(HOSTILE)),
    ],
  ]),
) as Record<(typeof LANGS)[number], string[]>;
