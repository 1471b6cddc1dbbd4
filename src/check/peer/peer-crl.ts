import type { X509Certificate } from "node:crypto";
import { isSignedBy, revokes } from "../../../stunnel/crl.ts";
import { dayOf, inOneLine, isIssuedBy } from "../../../stunnel/inspect.ts";
import { type Finding, fail, pass, skip } from "../finding.ts";
import type { Link } from "../probe/link.ts";
import { disbeliefOf, sentChain } from "./peer-chain.ts";

/** Judges whether the peer was revoked, by the lists that we have. */
export function judgeCrl(certificate: X509Certificate, link: Link, now: Date): Finding {
  const { crls, authorities } = link.target;
  const id = "handshake.peer-crl";
  if (!crls)
    return skip(
      id,
      { en: "no CRL was given", fr: "aucune CRL n'a été fournie" },
      {
        en: "set CRLfile (or --crl): without it a revoked peer is accepted",
        fr: "définissez CRLfile (ou --crl) : sans CRL, un pair révoqué est accepté",
      },
    );
  if (disbeliefOf(link) !== undefined && !link.target.pinned)
    return skip(
      id,
      {
        en: "its chain leads to no authority whose CRL we have",
        fr: "sa chaîne ne mène à aucune autorité dont nous ayons la CRL",
      },
      { en: "mend handshake.peer-chain first", fr: "corrigez d'abord handshake.peer-chain" },
    );
  const serial = certificate.serialNumber;
  const renew = {
    en: "get the authority's current CRL, and reload",
    fr: "procurez-vous la CRL actuelle de l'autorité, et rechargez",
  };
  // as Stunnel does: an issuer that only the peer's chain brings signs its list as well
  const known = [...authorities, ...sentChain(certificate).slice(1)];
  const issuer = known.find((authority) => isIssuedBy(certificate, authority));
  const lists = crls.filter(
    (crl) => crl.issuer === inOneLine(certificate.issuer) && (!issuer || isSignedBy(crl, issuer) !== false),
  );
  const revoked = lists.find((crl) => revokes(crl, certificate));
  if (revoked)
    return fail(
      id,
      { en: `serial ${serial} is revoked`, fr: `le numéro de série ${serial} est révoqué` },
      {
        en: "ask the peer for a new certificate, and its authority why this one was revoked",
        fr: "demandez un nouveau certificat au pair, et à son autorité pourquoi celui-ci a été révoqué",
      },
    );
  const [newest] = lists.toSorted((one, other) => other.thisUpdate.getTime() - one.thisUpdate.getTime());
  if (!newest)
    return fail(
      id,
      {
        en: `no CRL of ${inOneLine(certificate.issuer)} is at hand`,
        fr: `nous n'avons aucune CRL de ${inOneLine(certificate.issuer)}`,
      },
      renew,
    );
  const { nextUpdate } = newest;
  if (nextUpdate && nextUpdate < now)
    return fail(
      id,
      {
        en: `our CRL expired on ${dayOf(nextUpdate)}: every peer of this authority is refused`,
        fr: `notre CRL a expiré le ${dayOf(nextUpdate)} : tout pair de cette autorité est refusé`,
      },
      renew,
    );
  return pass(id, { en: `serial ${serial} is in no CRL`, fr: `le numéro de série ${serial} n'est dans aucune CRL` });
}
