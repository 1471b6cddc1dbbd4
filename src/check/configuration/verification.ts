import { isIP } from "node:net";
import { same } from "../../languages.ts";
import { lineOf, placesOf, type Seen, type Service, valueIn } from "./services.ts";

/** What a service asks of its peer's certificate. */
interface Asked {
  /** It has to lead to an authority. */
  chain: boolean;
  /** It has to be one of those in CAfile. */
  pinned: boolean;
  /** There has to be one; a server always shows one. */
  required: boolean;
  /** The lines that say so, in their order. */
  lines: string[];
}

const CHECKS = ["checkHost", "checkIP", "checkEmail"] as const;
const SPELLED = new Map(
  ["verify", "verifyChain", "verifyPeer", "requireCert"].map((name) => [name.toLowerCase(), name]),
);

/** Returns what a service asks, line by line as Stunnel 5.74 takes them: a later one undoes a part of an earlier one. */
function askedBy({ options, client }: Service): Asked {
  const asked = { chain: false, pinned: false, required: false, lines: [] as string[] };
  for (const [name, [value = ""]] of options) {
    const spelled = SPELLED.get(name);
    if (spelled === undefined) continue;
    asked.lines.push(`${spelled} = ${value}`);
    const yes = value.toLowerCase() === "yes";
    const level = Number(value);
    // "verify" is the obsolete spelling: 1 takes none as well, 2 asks for the chain, 3 and 4 for the pin
    if (name === "verify") Object.assign(asked, { chain: level >= 1, pinned: level >= 3, required: level >= 2 });
    if (name === "verifychain") asked.chain = yes;
    if (name === "verifypeer") asked.pinned = yes;
    if (name === "requirecert") asked.required = yes;
    else if (yes) asked.required = true;
  }
  return { ...asked, required: asked.required || client };
}

/** Says whether a service takes the certificates in CAfile and no others. */
export const isPinned = (service: Service): boolean => askedBy(service).pinned;

/** Judges whether everybody has to show a certificate that leads to an authority, or is one of those that are known. */
export function chainVerified(service: Service): Seen {
  const { chain, pinned, required, lines } = askedBy(service);
  const said = lines.join(", ");
  if (pinned && required)
    return {
      status: "pass",
      detail: { en: `${said}: the peer's certificate is pinned`, fr: `${said} : le certificat du pair est épinglé` },
    };
  if (chain && required) return { status: "pass", detail: same(said) };
  if (chain || pinned) {
    const culprit = lines.findLast((line) => /^(?:requireCert|verify) /.test(line)) ?? "";
    const write = [culprit.startsWith("verify ") ? "verifyChain = yes" : "requireCert = yes"];
    return {
      status: "fail",
      fix: { write, insteadOf: [culprit] },
      detail: {
        en: `${said}: a peer without a certificate is accepted`,
        fr: `${said} : un pair sans certificat est accepté`,
      },
    };
  }
  const set = lines.filter((line) => /^verify(?:Chain)? /.test(line));
  const fix = { write: ["verifyChain = yes"], ...(set.length > 0 && { insteadOf: set }) };
  const { en, fr } = lines.length > 0 ? same(said) : lineOf(service, "verifyChain");
  // tried: "Either verifyChain or verifyPeer has to be enabled"
  if (CHECKS.some((name) => service.options.has(name.toLowerCase())))
    return {
      status: "fail",
      fix,
      detail: {
        en: `${en}: Stunnel does not start with checkHost and no verifyChain`,
        fr: `${fr} : Stunnel ne démarre pas avec checkHost et sans verifyChain`,
      },
    };
  return {
    status: "fail",
    fix,
    detail: { en: `${en}: any peer is accepted`, fr: `${fr} : n'importe quel pair est accepté` },
  };
}

/** Judges whether the peer has to bear a name; the other `services` may say which. */
export function peerName(service: Service, services: Service[]): Seen {
  const lines = CHECKS.flatMap((name) =>
    (service.options.get(name.toLowerCase()) ?? []).map((value) => `${name} = ${value}`),
  );
  if (lines.length > 0) return { status: "pass", detail: same(lines.join(", ")) };
  if (isPinned(service))
    return {
      status: "pass",
      detail: {
        en: "verifyPeer: the certificate is known, whatever its name",
        fr: "verifyPeer : le certificat est connu, quel que soit son nom",
      },
    };
  return {
    status: "fail",
    fix: { write: [`checkHost = ${nameAmong([service, ...services])}`] },
    detail: {
      en: "neither checkHost nor checkIP nor checkEmail: any certificate of the authority passes for the peer",
      fr: "ni checkHost ni checkIP ni checkEmail : tout certificat de l'autorité passe pour le pair",
    },
  };
}

/** Guesses the peer's name: as another service checks it, or as it is reached. */
function nameAmong(services: Service[]): string {
  const checked = services.map((service) => valueIn(service, "checkHost")).find((name) => name !== undefined);
  const reached = services
    .filter(({ client }) => client)
    .flatMap((service) => placesOf(service, "connect").map(({ host }) => host))
    .find((host) => isIP(host) === 0);
  return checked ?? reached ?? "<name of the peer>";
}
