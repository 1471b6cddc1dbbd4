import type { Material } from "../../../stunnel/material.ts";
import { same, type Text } from "../../languages.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";

/** What came of asking a site's TLS port for its certificate, and the site for what its Stunnel has read. */
export interface Served {
  place: string;
  fingerprint256?: string;
  /** Why no certificate was shown. */
  error?: Text;
  /** The digest of the files that Stunnel has read; undefined where the site does not say. */
  loaded?: string;
}

/** Judges whether the TLS port shows the certificate that is on disk, and Stunnel has read the files as they are. */
export function judgeServed(served: Served | undefined, { chain: [own], paths, digest }: Material): Finding {
  const id = "certificates.served";
  const reload = { en: 'run "certs reload"', fr: "lancez « certs reload »" };
  if (served?.fingerprint256 === undefined)
    return skip(
      id,
      served ? (served.error ?? same(served.place)) : { en: "no TLS port is known", fr: "aucun port TLS n'est connu" },
      { en: "ask again where Stunnel runs", fr: "redemandez là où Stunnel tourne" },
    );
  if (served.fingerprint256 !== own.fingerprint256)
    return fail(
      id,
      {
        en: `${served.place} serves another certificate than ${paths.certificate} holds`,
        fr: `${served.place} sert un autre certificat que celui de ${paths.certificate}`,
      },
      reload,
    );
  if (served.loaded !== undefined && served.loaded !== digest)
    return warn(
      id,
      {
        en: "our certificate is served, but the files are newer than what Stunnel has read",
        fr: "notre certificat est servi, mais les fichiers sont plus récents que ce que Stunnel a lu",
      },
      reload,
    );
  const start = own.fingerprint256.slice(0, 23);
  return pass(id, { en: `${served.place} serves ${start}…`, fr: `${served.place} sert ${start}…` });
}
