import type { Text } from "../../languages.ts";
import { meaningsOf } from "../dictionary/dictionary.ts";
import { type Finding, fail, pass, skip } from "../finding.ts";
import { hasChosen, helloTo, type Link, type Target } from "../probe/link.ts";
import { probe, type Seen, type ShownIdentity } from "../probe/probe.ts";
import { untrusted } from "../probe/untrusted.ts";
import { NO_TLS, REACH_FIRST, WITHOUT_OURS } from "./next.ts";
import { judgeRefusal, PROBES, type ProbeName, type Side, said } from "./proof.ts";

/** Shows a port one after the other what it has to refuse, and holds each connection without a word. */
export async function* judgeMutual(link: Link, side: Side, holdMs?: number): AsyncGenerator<Finding> {
  const { target, baseline } = link;
  const speaksTls = baseline !== undefined && hasChosen(baseline);
  if (side === "to") yield speaksTls ? judgeAccepted(link, baseline) : skip("mutual.accepted.to", NO_TLS, REACH_FIRST);
  for (const name of PROBES) {
    const id = `mutual.${name}.${side}` as const;
    if (!speaksTls) {
      yield skip(id, NO_TLS, REACH_FIRST);
      continue;
    }
    const identity = name === "no-certificate" ? undefined : await identityFor(name, target);
    if (name !== "no-certificate" && !identity) {
      yield skip(id, ...withoutIdentity(name));
      continue;
    }
    // at our own port nobody here can show what is right: that is the peer's
    const right = side === "to" && target.identity ? baseline : undefined;
    const seen = await probe({ ...helloTo(target), identity }, holdMs);
    yield await judgeRefusal({ id, name, side, seen, right }, target, holdMs);
  }
}

function judgeAccepted({ target, older }: Link, { end, words, version, handshakeMs }: Seen): Finding {
  const id = "mutual.accepted.to";
  if (!target.identity) return skip(id, ...WITHOUT_OURS);
  const seeLog = { en: "see the peer's log of this moment", fr: "voyez le journal du pair à cet instant" };
  if (end === "alert") {
    const what = { en: `refused: ${words}`, fr: `refusé : ${words}` };
    return fail(id, what, meaningsOf(words)[0]?.next ?? seeLog);
  }
  if (end === "open")
    return pass(id, { en: `the connection stays open (${version})`, fr: `la connexion reste ouverte (${version})` });
  if (handshakeMs > 0 && older === "unknown")
    return skip(
      id,
      {
        en: `${said(end).en} after the handshake, without an alert: taken or refused, it does not say`,
        fr: `${said(end).fr} après la négociation, sans alerte : rien ne dit si notre certificat est accepté`,
      },
      seeLog,
    );
  if (handshakeMs > 0 && older !== "refused")
    return pass(id, {
      en: `taken, then ${said(end).en} without an alert`,
      fr: `accepté, puis ${said(end).fr} sans alerte`,
    });
  return fail(
    id,
    {
      en: `${said(end).en} during the handshake, without an alert`,
      fr: `${said(end).fr} pendant la négociation, sans alerte`,
    },
    seeLog,
  );
}

async function identityFor(
  name: Exclude<ProbeName, "no-certificate">,
  target: Target,
): Promise<ShownIdentity | undefined> {
  return name === "untrusted-root" ? await untrusted(target) : target[name];
}

const withoutIdentity = (name: ProbeName): [Text, Text] =>
  name === "expired"
    ? [
        { en: "no expired certificate is at hand", fr: "aucun certificat expiré n'est fourni" },
        {
          en: "keep one that has ended, and name it with --expired",
          fr: "gardez-en un qui a expiré, et indiquez-le avec --expired",
        },
      ]
    : [
        { en: "no certificate of another name is at hand", fr: "aucun certificat d'un autre nom n'est fourni" },
        {
          en: "ask the authority for one of another name over the same key, and name it with --sibling",
          fr: "demandez à l'autorité un certificat d'un autre nom sur la même clé, et indiquez-le avec --sibling",
        },
      ];
