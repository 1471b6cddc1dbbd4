import { SafeTunnelError } from "../errors.ts";
import { isDnsName, legsOf, parseConf, placeIn, type StunnelConf } from "./stunnel-conf.ts";

/** What stands in the place of a leg's own lines in stunnel.conf; what is left out stays as it is written. */
interface LegLines {
  accept?: string;
  connect?: string;
  checkHost?: string;
}

/** The lines of both legs that settings put in the place of those of stunnel.conf. */
export interface LinkLines {
  to: LegLines;
  from: LegLines;
}

/** What a site may be told of its link, each as it was written, or empty. */
interface LinkSettings {
  /** Where the other site takes TLS, as host:port. */
  peer: string;
  /** The DNS name in the other site's certificate, where that is not the host of `peer`. */
  peerName: string;
  /** The two plain ports. */
  sendPort: string;
  listenPort: string;
}

/** Returns the lines that settings ask for. Throws `invalid-setting`. */
export function linkLines({ peer, peerName, sendPort, listenPort }: LinkSettings): LinkLines {
  const place = placeIn(peer);
  if (peer !== "" && !place)
    throw new SafeTunnelError("invalid-setting", `PEER is "${peer}", which is no host:port`, {
      hint: "write the host and the TLS port of the other site, as dpi.hospital.example:32100",
    });
  // no certificate bears the dot that ends a whole name
  const checkHost = (peerName || place?.host || "").replace(/\.$/, "");
  // Stunnel finds no address among the names of a certificate, and would refuse every peer
  if (checkHost !== "" && !isDnsName(checkHost))
    throw new SafeTunnelError(
      "invalid-setting",
      `${peerName ? "PEER_NAME" : "PEER"} names "${checkHost}", no DNS name`,
      {
        hint: "set PEER_NAME to a DNS name that the other site's certificate bears",
      },
    );
  const name = checkHost && { checkHost };
  return {
    to: {
      ...(sendPort && { accept: `127.0.0.1:${sendPort}` }),
      ...(place && { connect: `${place.host}:${place.port}` }),
      ...name,
    },
    from: { ...(listenPort && { connect: `127.0.0.1:${listenPort}` }), ...name },
  };
}

/**
 * Returns a configuration with other lines for its two legs, to be read from `path`; the same one where none is asked
 * for. Comments and all other lines stay. Throws `invalid-setting`.
 */
export function withLines(conf: StunnelConf, lines: LinkLines, path: string): StunnelConf {
  const legs = legsOf(conf);
  const wanted = (["to", "from"] as const).filter((side) => Object.keys(lines[side]).length > 0);
  if (wanted.length === 0) return conf;
  for (const side of wanted) if (lines[side].checkHost !== undefined) refuseFurtherNames(conf, legs[side]?.service);
  const text = wanted.reduce((before, side) => {
    const service = legs[side]?.service;
    if (service !== undefined) return inService(before, service, lines[side]);
    throw new SafeTunnelError("invalid-setting", `${conf.path} has no service for the leg ${side} the peer`, {
      hint: "take PEER, PEER_NAME, SEND_PORT and LISTEN_PORT away, or give stunnel.conf a service a leg",
    });
  }, conf.text);
  return parseConf(`${madeOf(conf)}\n${text}`, path);
}

/** Stunnel lets a peer pass that fits any one of these lines, the global ones included. */
function refuseFurtherNames({ path, global, services }: StunnelConf, service = ""): void {
  const further = [
    ...["checkHost", "checkIP", "checkEmail"].filter((name) => global.has(name.toLowerCase())),
    ...["checkIP", "checkEmail"].filter((name) => services.get(service)?.has(name.toLowerCase())),
  ];
  if (further.length === 0) return;
  throw new SafeTunnelError(
    "invalid-setting",
    `${path} has ${further.join(", ")} beside the name of PEER_NAME or PEER in [${service}]: either would pass`,
    { hint: `take ${further.join(", ")} out of stunnel.conf, or set neither PEER nor PEER_NAME` },
  );
}

/** Returns the line that a configuration begins with which is not the file itself. */
export const madeOf = ({ path }: StunnelConf): string => `; made of ${path} by the settings of this site; change those`;

/** Says whether a text is a configuration that settings made. */
export const isMade = (text: string): boolean => text.startsWith("; made of ");

/** Puts lines in the place of the first of their names in a service, and takes the further ones away. */
function inService(text: string, service: string, lines: LegLines): string {
  const left = new Map(Object.entries(lines).map(([name, value]) => [name.toLowerCase(), `${name} = ${value}`]));
  const own = new Set(left.keys());
  let inside = false;
  const rewritten = text.split("\n").flatMap((line) => {
    const section = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) inside = section === service;
    const name = /^\s*([A-Za-z]\w*)\s*=/.exec(line)?.[1]?.toLowerCase() ?? "";
    if (!inside || !own.has(name)) return [line];
    const instead = left.get(name);
    left.delete(name);
    return instead === undefined ? [] : [instead];
  });
  // what the service did not have stands at its head
  const head = rewritten.findIndex((line) => line.trim() === `[${service}]`);
  return rewritten.toSpliced(head + 1, 0, ...left.values()).join("\n");
}
