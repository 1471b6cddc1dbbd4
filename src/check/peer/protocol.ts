import { networkInterfaces } from "node:os";
import type { SecureVersion } from "node:tls";
import { same, type Text } from "../../languages.ts";
import { type Endpoint, placeOf } from "../../mllp/endpoint.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { hasChosen, helloTo, type Link, wasCut } from "../probe/link.ts";
import { probe } from "../probe/probe.ts";
import { speakPlain, tryConnection } from "../probe/reach.ts";
import type { Side } from "./proof.ts";

const OLD_VERSIONS: [SecureVersion, "tls-1.0" | "tls-1.1"][] = [
  ["TLSv1", "tls-1.0"],
  ["TLSv1.1", "tls-1.1"],
];
const PLAIN_LIMIT_MS = 1000;

/** Asks a TLS port for what it must not give: old versions, and an ear for plain text. */
export async function* judgeProtocol(link: Link, side: Side, plainMs = PLAIN_LIMIT_MS): AsyncGenerator<Finding> {
  const { target, reached, baseline } = link;
  for (const [version, name] of OLD_VERSIONS) {
    const id = `protocol.${name}.${side}` as const;
    if (!baseline || !hasChosen(baseline)) {
      yield skip(id, NO_TLS, REACH_FIRST);
      continue;
    }
    const { ciphers: _, ...hello } = helloTo(target);
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
    else yield pass(id, refusal(seen.words || seen.end));
  }
  const id = `protocol.plain-mllp.${side}` as const;
  // a port behind which nobody lives listens to nothing
  if (reached.state !== "open" || link.lives === false) {
    yield skip(id, NO_TLS, REACH_FIRST);
    return;
  }
  const heard = await speakPlain(target.endpoint, plainMs);
  if (heard === "unreached") yield skip(id, NO_ANSWER, ASK_AGAIN);
  else if (heard === "ended") yield pass(id, { en: "the connection is ended", fr: "la connexion est coupée" });
  else
    yield fail(
      id,
      heard === "answered"
        ? { en: "it answers plain text", fr: "il répond au texte en clair" }
        : { en: "the connection stays open, and nothing is said", fr: "la connexion reste ouverte, et rien n'est dit" },
      {
        en: `let no engine listen on ${placeOf(target.endpoint)}: only TLS belongs there`,
        fr: `qu'aucun moteur n'écoute sur ${placeOf(target.endpoint)} : seul TLS a sa place là`,
      },
    );
}

const refusal = (words: string): Text => ({ en: `refused: ${words}`, fr: `refusé : ${words}` });
const NO_TLS: Text = { en: "no TLS port is reached", fr: "aucun port TLS n'est joint" };
const NO_ANSWER: Text = { en: "no answer this time", fr: "pas de réponse cette fois" };
const ASK_AGAIN: Text = {
  en: "ask again: something limits how often this port is asked, or it was just restarted",
  fr: "redemandez : quelque chose limite le nombre de demandes à ce port, ou il vient de redémarrer",
};
const REACH_FIRST: Text = { en: "mend handshake.reached first", fr: "réparez d'abord handshake.reached" };

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

/** Tries our own plain ports from each address of this machine that others can reach. */
export async function judgeOwnPlainPorts(ports: number[]): Promise<Finding> {
  const id = "protocol.plain-ports.from";
  const addresses = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ internal }) => !internal),
  );
  // a link-local address needs the name of its interface, and reaches this network only
  const hosts = addresses.map(({ address }) => address).filter((address) => !/^fe80:/i.test(address));
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
    hosts.flatMap((host) => ports.map((port) => ({ host, port }))),
  );
}

async function judgePlainPorts(
  id: "protocol.plain-ports.to" | "protocol.plain-ports.from",
  places: Endpoint[],
): Promise<Finding> {
  const tried = await Promise.all(
    places.map(async (place) => ({ place, refused: await tryConnection(place, PLAIN_LIMIT_MS) })),
  );
  const open = tried.filter(({ refused }) => refused === undefined).map(({ place }) => placeOf(place));
  if (open.length === 0) {
    const all = places.map(placeOf).join(", ");
    return pass(id, { en: `nothing answers on ${all}`, fr: `rien ne répond sur ${all}` });
  }
  return fail(
    id,
    { en: `open: ${open.join(", ")}`, fr: `ouverts : ${open.join(", ")}` },
    {
      en: "bind the plain side to 127.0.0.1 (accept = 127.0.0.1:port)",
      fr: "liez le côté en clair à 127.0.0.1 (accept = 127.0.0.1:port)",
    },
  );
}
