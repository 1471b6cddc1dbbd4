import type { X509Certificate } from "node:crypto";
import type { Text } from "../src/languages.ts";
import { bearsNameOf, type Crl, isSignedBy, revokes } from "./crl.ts";
import { inOneLine, isIssuedBy, pathOf, usagesOf } from "./inspect.ts";
import { faultOf } from "./lab.ts";
import type { Material } from "./material.ts";

/** What a person has to know of the files of a Stunnel, without opening a connection. */
export interface Notice {
  level: "info" | "warn" | "error";
  /** Whether the other side refuses everything, or we refuse everybody, while it is so. */
  fatal?: true;
  /** What it is a word about. */
  about: "chain" | "usage" | "crl" | "lab" | "own-days" | "authority-days" | "crl-days";
  path: string;
  text: Text;
}

/** What is said where the disk holds something that Stunnel has not read. */
export const NOT_LOADED = 'the files are newer than what Stunnel has read: run "certs reload"';

/** Returns what is wrong with the files of a Stunnel beside their dates, nothing where they are as they should be. */
export function noticesOf({ paths, chain, authorities, crls }: Material): Notice[] {
  const [own] = chain;
  const error = (about: Notice["about"], path: string, en: string, fr: string): Notice => ({
    level: "error",
    about,
    path,
    text: { en, fr },
  });
  const fatal = (...notice: Parameters<typeof error>): Notice => ({ ...error(...notice), fatal: true });
  const warning = (...notice: Parameters<typeof error>): Notice => ({ ...error(...notice), level: "warn" });
  const notices: Notice[] = [];
  const fault = faultOf(own);
  if (fault)
    notices.push(
      fatal(
        "lab",
        paths.certificate,
        `is marked as faulty (${fault}): it belongs to the lab, not to a site`,
        `est marqué comme défectueux (${fault}) : il vient du laboratoire, pas d'un site`,
      ),
    );
  const issuer = [...chain.slice(1), ...authorities].find((authority) => isIssuedBy(own, authority));
  if (!pathOf(chain, authorities).believed)
    notices.push(
      warning(
        "chain",
        paths.certificate,
        `does not lead to an authority of ${paths.authorities}: an intermediate certificate is missing behind it, or another authority issued it`,
        `ne mène à aucune autorité de ${paths.authorities} : un certificat intermédiaire manque derrière lui, ou une autre autorité l'a émis`,
      ),
    );
  const { key, extended } = usagesOf(own);
  if (key.length > 0 && !key.includes("digitalSignature"))
    notices.push(
      fatal(
        "usage",
        paths.certificate,
        "lacks digitalSignature, which every handshake of these tunnels needs",
        "n'a pas digitalSignature, que demande toute négociation de ces tunnels",
      ),
    );
  // OpenSSL takes "any" for neither of them
  for (const usage of ["serverAuth", "clientAuth"])
    if (extended.length > 0 && !extended.includes(usage))
      notices.push(
        fatal(
          "usage",
          paths.certificate,
          `lacks ${usage}, and a site is server on one leg and client on the other`,
          `n'a pas ${usage}, or un site est serveur dans un sens et client dans l'autre`,
        ),
      );
  if (crls === undefined || paths.crl === undefined) {
    notices.push(
      warning(
        "crl",
        paths.certificate,
        "no CRLfile is set: revoked peers are accepted",
        "CRLfile n'est pas défini : les pairs révoqués sont acceptés",
      ),
    );
    return notices;
  }
  if (crls.some((crl) => revokes(crl, own) && (!issuer || isSignedBy(crl, issuer) !== false)))
    notices.push(
      error(
        "crl",
        paths.certificate,
        "is revoked: every peer that has this CRL refuses it",
        "est révoqué : tout pair qui a cette CRL le refuse",
      ),
    );
  return [...notices, ...listNotices(crls, paths.crl, { chain, authorities }, issuer)];
}

/** Returns what is wrong with the lists: Stunnel wants that of who issued the peer's leaf, which no file here names. */
function listNotices(
  crls: Crl[],
  path: string,
  { chain, authorities }: Pick<Material, "chain" | "authorities">,
  issuer: X509Certificate | undefined,
): Notice[] {
  const known = [...authorities, ...chain.slice(1)];
  const unsigned = crls.filter((crl) => !known.some((authority) => isSignedBy(crl, authority) !== false));
  const notices = unsigned.map((crl): Notice => {
    if (known.some((authority) => bearsNameOf(crl, authority)))
      return {
        level: "error",
        about: "crl",
        path,
        text: {
          en: `holds a CRL of ${crl.issuer} that no authority here signed`,
          fr: `contient une CRL de ${crl.issuer} qu'aucune autorité d'ici n'a signée`,
        },
      };
    return {
      level: "info",
      about: "crl",
      path,
      text: {
        en: `holds a CRL that cannot be judged here: it is signed by ${crl.issuer}, which the peer's chain may bring`,
        fr: `contient une CRL qui ne peut être jugée ici : elle est signée par ${crl.issuer}, que la chaîne du pair peut apporter`,
      },
    };
  });
  const isIssuer = (one: X509Certificate) => one.fingerprint256 === issuer?.fingerprint256;
  const ours = pathOf(chain, authorities).path;
  // a list of none of those that ours leads to is there for the peer's
  const isElsewhere = crls.some((crl) => !ours.some((one) => bearsNameOf(crl, one)));
  const needed = issuer && isElsewhere && !isIssuedBy(issuer, issuer) ? UNSURE : REFUSED;
  for (const authority of [...(issuer ? [issuer] : []), ...authorities.filter((one) => !isIssuer(one))])
    if (!crls.some((crl) => isSignedBy(crl, authority) !== false))
      notices.push({
        about: "crl",
        path,
        text: {
          en: `has no CRL of ${inOneLine(authority.subject)}: a peer with a certificate that it issued itself is refused, and reads "unknown ca"`,
          fr: `n'a pas de CRL de ${inOneLine(authority.subject)} : un pair dont elle a émis elle-même le certificat est refusé, et lit « unknown ca »`,
        },
        // a root that issues no leaf itself needs no list here
        ...(isIssuer(authority) ? needed : { level: "info" }),
      });
  return notices;
}

const REFUSED = { level: "error", fatal: true } as const;
const UNSURE = { level: "warn" } as const;
