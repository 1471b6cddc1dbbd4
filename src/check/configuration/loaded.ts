import { digestOf, type StunnelConf } from "../../site/stunnel-conf.ts";
import { type Finding, fail, pass, skip } from "../finding.ts";

/** Judges whether Stunnel works with the file that is judged, by the digest of what it has read; undefined if not known. */
export function judgeLoaded(conf: StunnelConf, loaded: string | undefined): Finding {
  const id = "configuration.loaded";
  if (loaded === undefined)
    return skip(
      id,
      { en: "no site says what its Stunnel has read", fr: "aucun site ne dit ce que son Stunnel a lu" },
      { en: "reload Stunnel (SIGHUP), to be sure of it", fr: "rechargez Stunnel (SIGHUP), pour en être sûr" },
    );
  if (loaded === digestOf(conf)) return pass(id, { en: conf.path, fr: conf.path });
  return fail(
    id,
    {
      en: `${conf.path} is not what Stunnel has read: what is judged here is not what runs`,
      fr: `${conf.path} n'est pas ce que Stunnel a lu : ce qui est jugé ici n'est pas ce qui tourne`,
    },
    { en: 'run "certs reload"', fr: "lancez « certs reload »" },
  );
}
