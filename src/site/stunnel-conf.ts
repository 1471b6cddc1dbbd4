import { readFile } from "node:fs/promises";
import { reasonOf, SafeTunnelError } from "../errors.ts";

/** Settings by their names in lower case, as Stunnel compares them; a name may come several times. */
type Options = Map<string, string[]>;

/** A stunnel.conf: what stands before the first service, and each service under its name. */
export interface StunnelConf {
  path: string;
  text: string;
  global: Options;
  services: Map<string, Options>;
}

/** Where the files lie that a Stunnel shows and believes. */
export interface TrustPaths {
  certificate: string;
  key: string;
  authorities: string;
  /** Undefined where the configuration names no CRLfile, so that revoked certificates are accepted. */
  crl: string | undefined;
}

/** Reads a stunnel.conf. Throws `file-unreadable`. */
export async function readConf(path: string): Promise<StunnelConf> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SafeTunnelError("file-unreadable", `cannot read ${path}, which Stunnel needs: ${reasonOf(cause)}`, {
      hint: "see that the image holds the site's folder",
      cause,
    });
  });
  return parseConf(text, path);
}

/** Reads the text of a stunnel.conf: a comment has a line of its own, a setting is "name = value". */
export function parseConf(text: string, path: string): StunnelConf {
  const conf: StunnelConf = { path, text, global: new Map(), services: new Map() };
  let options = conf.global;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) {
      options = new Map();
      conf.services.set(section, options);
    }
    const [, name, value = ""] = /^\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    const values = options.get(name.toLowerCase()) ?? [];
    options.set(name.toLowerCase(), [...values, value]);
  }
  return conf;
}

/**
 * Returns where a configuration's certificates lie; a service may name what the global part leaves out.
 *
 * Throws `invalid-setting`.
 */
export function trustPathsOf({ path, global, services }: StunnelConf): TrustPaths {
  const first = (name: string) =>
    // of a name that comes twice Stunnel takes the last
    [global, ...services.values()].map((options) => options.get(name)?.at(-1)).find((value) => value !== undefined);
  const needed = (name: string, value = first(name.toLowerCase())) => {
    if (value) return value;
    throw new SafeTunnelError("invalid-setting", `${path} names no ${name}`, {
      hint: `set ${name} to the path of a PEM file; what lies elsewhere (CApath, engines) is not looked at here`,
    });
  };
  const certificate = needed("cert");
  return {
    certificate,
    // Stunnel looks for the key in the file of the certificate where no other is named
    key: first("key") ?? certificate,
    authorities: needed("CAfile"),
    // one service without it accepts revoked peers, whatever the others do
    crl:
      global.has("crlfile") || [...services.values()].every((options) => options.has("crlfile"))
        ? first("crlfile")
        : undefined,
  };
}
