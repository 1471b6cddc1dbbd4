import type { SecureVersion } from "node:tls";
import { same, type Text } from "../../languages.ts";
import { type Endpoint, placeOf } from "../../mllp/endpoint.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { hasChosen, helloTo, type Link, wasCut } from "../probe/link.ts";
import { probe } from "../probe/probe.ts";
import { ownAddresses, speakPlain, tryConnection } from "../probe/reach.ts";
import { ASK_AGAIN, NO_ANSWER, NO_TLS, REACH_FIRST } from "./next.ts";
import { type Side, said } from "./proof.ts";

const OLD_VERSIONS: [SecureVersion, "tls-1.0" | "tls-1.1"][] = [
  ["TLSv1", "tls-1.0"],
  ["TLSv1.1", "tls-1.1"],
];
const PLAIN_LIMIT_MS = 1000;
/** On a long way a refusal takes its time as well: how many handshakes it may. */
const HANDSHAKES = 3;

/** Asks a TLS port for what it must not give: old versions, and an ear for plain text. */
export async function* judgeProtocol(link: Link, side: Side, plainMs = PLAIN_LIMIT_MS): AsyncGenerator<Finding> {
  const { target, baseline } = link;
  for (const [version, name] of OLD_VERSIONS) {
    const id = `protocol.${name}.${side}` as const;
    if (!baseline || !hasChosen(baseline)) {
      yield skip(id, NO_TLS, REACH_FIRST);
      continue;
    }
    const hello = helloTo(target);
    const seen = await probe({ ...hello, version }, 0);
    if (hasChosen(seen))
      yield fail(
        id,
        { en: `accepted, with ${seen.suite}`, fr: `accepté, avec ${seen.suite}` },
        side === "to"
          ? {
              en: "have the peer set sslVersionMin = TLSv1.2",
              fr: "faites définir sslVersionMin = TLSv1.2 par le pair",
            }
          : { en: "set sslVersionMin = TLSv1.2", fr: "définissez sslVersionMin = TLSv1.2" },
      );
    else if (seen.end === "not-offered")
      yield skip(id, same(seen.words), { en: "this Node cannot offer it", fr: "ce Node ne peut pas le proposer" });
    else if (seen.end !== "alert" && !wasCut(seen)) yield skip(id, NO_ANSWER, ASK_AGAIN);
    else yield pass(id, seen.words ? refusal(seen.words) : said(seen.end));
  }
  yield await judgePlainMllp(link, side, plainMs);
}

async function judgePlainMllp(link: Link, side: Side, plainMs: number): Promise<Finding> {
  const id = `protocol.plain-mllp.${side}` as const;
  const { target, baseline, lives } = link;
  // a port that ends every connection refuses nothing, and one behind which nobody lives listens to nothing
  const isTls = baseline !== undefined && hasChosen(baseline);
  if (!isTls && baseline?.end !== "not-tls" && !lives) return skip(id, NO_TLS, REACH_FIRST);
  const heard = await speakPlain(target.endpoint, Math.max(plainMs, HANDSHAKES * (baseline?.handshakeMs ?? 0)));
  if (heard === "unreached") return skip(id, NO_ANSWER, ASK_AGAIN);
  if (heard === "ended") return pass(id, { en: "the connection is ended", fr: "la connexion est coupée" });
  const place = placeOf(target.endpoint);
  return fail(
    id,
    heard === "answered"
      ? { en: "it answers plain text", fr: "il répond au texte en clair" }
      : { en: "the connection stays open, and nothing is said", fr: "la connexion reste ouverte, et rien n'est dit" },
    {
      en: `no application may listen in plain on ${place}: only TLS belongs there`,
      fr: `aucune application ne doit écouter en clair sur ${place} : seul TLS y a sa place`,
    },
  );
}

const refusal = (words: string): Text => ({ en: `refused: ${words}`, fr: `refusé : ${words}` });

/** Tries the plain ports of the peer from here. */
export async function judgePlainPortsOfPeer({ target, reached }: Link, ports: number[]): Promise<Finding> {
  const id = "protocol.plain-ports.to";
  if (ports.length === 0)
    return skip(
      id,
      { en: "not known which they are", fr: "on ne sait pas lesquels" },
      { en: "name them with --plain-port 2575", fr: "indiquez-les avec --plain-port 2575" },
    );
  // from where no packet comes back a silence proves nothing
  if (reached.state !== "open" && reached.state !== "port-closed") return skip(id, NO_TLS, REACH_FIRST);
  return await judgePlainPorts(
    id,
    ports.map((port) => ({ host: target.endpoint.host, port })),
  );
}

/**
 * Tries our own plain ports, Stunnel's `accepts` and those behind it, from each address of this machine that others can
 * reach; some may be open on purpose.
 */
export async function judgeOwnPlainPorts(
  accepts: number[],
  behind: number[] = [],
  onPurpose: Endpoint[] = [],
): Promise<Finding> {
  const id = "protocol.plain-ports.from";
  // a link-local address needs the name of its interface, and reaches this network only
  const hosts = ownAddresses("external").filter((address) => !/^fe80:/i.test(address));
  if (hosts.length === 0)
    return warn(
      id,
      {
        en: "this machine has no address that others reach",
        fr: "cette machine n'a pas d'adresse que d'autres atteignent",
      },
      { en: "run check in the site's own network", fr: "lancez check dans le réseau du site" },
    );
  return await judgePlainPorts(
    id,
    hosts.flatMap((host) => [...accepts, ...behind].map((port) => ({ host, port }))),
    { behind, onPurpose: onPurpose.map(placeOf) },
  );
}

async function judgePlainPorts(
  id: "protocol.plain-ports.to" | "protocol.plain-ports.from",
  places: Endpoint[],
  { behind = [], onPurpose = [] }: { behind?: number[]; onPurpose?: string[] } = {},
): Promise<Finding> {
  const tried = await Promise.all(
    places.map(async (place) => ({ place, refused: await tryConnection(place, PLAIN_LIMIT_MS) })),
  );
  const found = tried.filter(({ refused }) => refused === undefined).map(({ place }) => place);
  const open = found.map(placeOf);
  if (open.length === 0) {
    const all = places.map(placeOf).join(", ");
    return pass(id, { en: `nothing answers on ${all}`, fr: `rien ne répond sur ${all}` });
  }
  if (open.every((place) => onPurpose.includes(place)))
    return warn(
      id,
      { en: `open on purpose: ${open.join(", ")}`, fr: `ouverts à dessein : ${open.join(", ")}` },
      {
        en: "have nothing on that network but this site and its engine",
        fr: "n'ayez sur ce réseau que ce site et son moteur",
      },
    );
  const unmeant = found.filter((place) => !onPurpose.includes(placeOf(place)));
  const isBehind = unmeant.every(({ port }) => behind.includes(port));
  const detail = { en: `open: ${open.join(", ")}`, fr: `ouverts : ${open.join(", ")}` };
  return fail(id, detail, isBehind ? LISTEN_INSIDE : ACCEPT_INSIDE);
}

const ACCEPT_INSIDE: Text = {
  en: "bind the plain side to 127.0.0.1 (accept = 127.0.0.1:port)",
  fr: "liez le côté en clair à 127.0.0.1 (accept = 127.0.0.1:port)",
};
const LISTEN_INSIDE: Text = {
  en: "have what listens behind our Stunnel, the engine, listen on 127.0.0.1 alone, not on all addresses",
  fr: "faites écouter ce qui est derrière notre Stunnel, le moteur, sur 127.0.0.1 seul, et non partout",
};
