import { type Cause, meaningsOf } from "../dictionary/dictionary.ts";
import { type Finding, fail, pass, same, skip, type Text } from "../finding.ts";
import { helloTo, type Link, type Target } from "../probe/link.ts";
import { type ProbeEnd, probe, type Seen, type ShownIdentity } from "../probe/probe.ts";
import { untrusted } from "../probe/untrusted.ts";
import type { FindingId } from "../questions.ts";

/** The two ends of which one is asked: the peer's TLS port, or our own. */
export type Side = "to" | "from";

const PROBES = ["no-certificate", "untrusted-root", "expired", "sibling"] as const;
type ProbeName = (typeof PROBES)[number];

/** What a refusal of each has to be about, in the dictionary's words. */
const ABOUT: Record<ProbeName, Cause> = {
  "no-certificate": "no-certificate",
  "untrusted-root": "unknown-authority",
  expired: "expired",
  sibling: "wrong-name",
};

/** What a port lacks that accepts one of them; `whose` service it is stands before. */
const LACKS: Record<ProbeName, Text> = {
  "no-certificate": {
    en: "needs verifyChain = yes: anybody can connect",
    fr: "a besoin de verifyChain = yes : n'importe qui peut se connecter",
  },
  "untrusted-root": {
    en: "needs verifyChain = yes: any certificate is taken, whoever issued it",
    fr: "a besoin de verifyChain = yes : tout certificat est pris, quel que soit l'émetteur",
  },
  expired: {
    en: "needs verifyChain = yes and sessionResume = no: dates are not looked at",
    fr: "a besoin de verifyChain = yes et de sessionResume = no : les dates ne sont pas regardées",
  },
  sibling: {
    en: "needs checkHost: any certificate of the authority passes for the right one",
    fr: "a besoin de checkHost : tout certificat de l'autorité passe pour le bon",
  },
};

function lacking(name: ProbeName, side: Side): Text {
  const whose =
    side === "to"
      ? { en: "the peer's service", fr: "le service du pair" }
      : { en: "our own service", fr: "notre propre service" };
  return { en: `${whose.en} ${LACKS[name].en}`, fr: `${whose.fr} ${LACKS[name].fr}` };
}

/** Shows a port one after the other what it has to refuse, and holds each connection without a word. */
export async function* judgeMutual(link: Link, side: Side): AsyncGenerator<Finding> {
  const { target, baseline } = link;
  const speaksTls = baseline !== undefined && baseline.end !== "not-tls" && baseline.end !== "silent";
  if (side === "to")
    yield speaksTls ? judgeAccepted(link, baseline) : skip("mutual.accepted.to", NOT_REACHED, REACH_FIRST);
  for (const name of PROBES) {
    const id = `mutual.${name}.${side}` as const;
    if (!speaksTls) {
      yield skip(id, NOT_REACHED, REACH_FIRST);
      continue;
    }
    const identity = name === "no-certificate" ? undefined : await identityFor(name, target);
    if (name !== "no-certificate" && !identity) {
      yield skip(id, ...withoutIdentity(name));
      continue;
    }
    // at our own port nobody here can show what is right: that is the peer's
    const right = side === "to" && target.identity ? baseline : undefined;
    yield judge(id, name, await probe({ ...helloTo(target), identity }), right, lacking(name, side));
  }
}

function judgeAccepted({ target, endsEarly }: Link, { end, words, version, handshakeMs }: Seen): Finding {
  const id = "mutual.accepted.to";
  if (!target.identity)
    return skip(
      id,
      { en: "no certificate of ours was given", fr: "aucun certificat à nous n'a été fourni" },
      { en: "name it with --cert and --key", fr: "indiquez-le avec --cert et --key" },
    );
  const seeLog = { en: "see the peer's log of this moment", fr: "voyez le journal du pair à cet instant" };
  if (end === "alert") {
    const what = { en: `refused: ${words}`, fr: `refusé : ${words}` };
    return fail(id, what, meaningsOf(words)[0]?.next ?? seeLog);
  }
  if (end === "open")
    return pass(id, { en: `the connection stays open (${version})`, fr: `la connexion reste ouverte (${version})` });
  if (handshakeMs > 0 && !endsEarly)
    return pass(id, {
      en: `taken, and ${end} after that without an alert`,
      fr: `accepté, puis ${said(end).fr} sans alerte`,
    });
  return fail(
    id,
    { en: `${end} during the handshake, without an alert`, fr: `${said(end).fr} pendant la négociation, sans alerte` },
    seeLog,
  );
}

const REACH_FIRST: Text = { en: "mend handshake.reached first", fr: "réparez d'abord handshake.reached" };
const NOT_REACHED: Text = { en: "no TLS port is reached", fr: "aucun port TLS n'est joint" };

/** Judges what came of a probe that has to be refused, against what came of showing what is right. */
function judge(id: FindingId, name: ProbeName, seen: Seen, baseline: Seen | undefined, hint: Text): Finding {
  if (seen.end === "alert") {
    const about = meaningsOf(seen.words)[0]?.causes.includes(ABOUT[name]) ?? false;
    if (baseline?.end === "alert" && (!about || seen.words === baseline.words)) return skip(id, ...refusesUsToo(seen));
    return pass(id, { en: `refused: ${seen.words}`, fr: `refusé : ${seen.words}` });
  }
  if (seen.end === "open")
    return fail(id, { en: "accepted: the connection stays open", fr: "accepté : la connexion reste ouverte" }, hint);
  if (seen.end === "not-offered")
    return skip(id, same(seen.words), { en: "this Node cannot show it", fr: "ce Node ne peut pas le montrer" });
  if (baseline?.end === "open")
    return pass(id, { en: `${seen.end} without an alert`, fr: `${said(seen.end).fr} sans alerte` });
  return skip(
    id,
    {
      en: `${seen.end} without an alert, which the right certificate may be as well`,
      fr: `${said(seen.end).fr} sans alerte, ce qui peut aussi arriver au bon certificat`,
    },
    {
      en: "have the application behind the port answer, then ask again",
      fr: "faites répondre l'application derrière le port, puis redemandez",
    },
  );
}

const said = (end: ProbeEnd): Text =>
  ({
    open: { en: "open", fr: "ouverte" },
    alert: { en: "alert", fr: "alerte" },
    closed: { en: "closed", fr: "fermée" },
    reset: { en: "reset", fr: "réinitialisée" },
    "not-tls": { en: "not TLS", fr: "pas de TLS" },
    silent: { en: "silent", fr: "muette" },
    "not-offered": { en: "not offered", fr: "non proposé" },
  })[end];

const refusesUsToo = ({ words }: Seen): [Text, Text] => [
  {
    en: `refused (${words}), but so is the right certificate: that proves nothing`,
    fr: `refusé (${words}), mais le bon certificat aussi : cela ne prouve rien`,
  },
  { en: "mend mutual.accepted.to first", fr: "réparez d'abord mutual.accepted.to" },
];

async function identityFor(
  name: Exclude<ProbeName, "no-certificate">,
  target: Target,
): Promise<ShownIdentity | undefined> {
  return name === "untrusted-root" ? await untrusted(target) : target[name];
}

const withoutIdentity = (name: ProbeName): [Text, Text] =>
  name === "expired"
    ? [
        { en: "no expired certificate is at hand", fr: "aucun certificat expiré n'est là" },
        {
          en: "keep one that has ended, and name it with --expired",
          fr: "gardez-en un qui a expiré, et indiquez-le avec --expired",
        },
      ]
    : [
        { en: "no certificate of another name is at hand", fr: "aucun certificat d'un autre nom n'est là" },
        {
          en: "ask the authority for one of another name over the same key, and name it with --sibling",
          fr: "demandez à l'autorité un certificat d'un autre nom sur la même clé, et indiquez-le avec --sibling",
        },
      ];
