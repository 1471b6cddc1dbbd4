import { isIP } from "node:net";
import { joined, same, type Text } from "../../languages.ts";
import { staysInside } from "../../site/plain-side.ts";
import type { StunnelConf } from "../../site/stunnel-conf.ts";
import { type Finding, skip, warn } from "../finding.ts";
import { cipherList } from "./cipher-list.ts";
import { plainSide } from "./plain-side.ts";
import {
  insteadOf,
  isSet,
  judgeEach,
  lineOf,
  placesOf,
  type Rule,
  type Service,
  servicesOf,
  valueIn,
} from "./services.ts";
import { timeLimits } from "./time-limits.ts";
import { oldestVersion } from "./tls-versions.ts";
import { chainVerified, isPinned, peerName } from "./verification.ts";

/** Judges a stunnel.conf as Stunnel reads it, each service by the options that it really has. */
export function judgeConfiguration(conf: StunnelConf): Finding[] {
  const services = servicesOf(conf);
  const included = [conf.global, ...conf.services.values()].flatMap((options) => options.get("include") ?? []);
  const none: Text =
    included.length > 0
      ? notFollowed(included)
      : { en: `${conf.path} has no service`, fr: `${conf.path} n'a aucun service` };
  const noClient: Text = { en: "no service is a client", fr: "aucun service n'est client" };
  const judge = (name: keyof typeof RULES, rule: Rule = RULES[name]): Finding => {
    const id = `configuration.${name}` as const;
    if (services.length === 0) return skip(id, none, WRITE_SERVICES);
    return judgeEach(id, services, conf.path, rule, name === "delay" ? noClient : NO_PLACE);
  };
  const [first, ...others] = [
    judge("chain-verified"),
    judge("peer-name", (service) => peerName(service, services)),
    judge("revocation"),
    judge("oldest-version"),
    judge("cipher-list"),
    judge("resumption"),
    judge("plain-side", (service) => plainSide(service, conf.onPurpose)),
    judge("delay"),
    judge("time-limits"),
    judge("log-level"),
  ];
  // what is included may hold services of its own, so that nothing of the whole can be sure
  if (!first || included.length === 0 || services.length === 0) return first ? [first, ...others] : others;
  const detail = joined([first.detail, notFollowed(included)]);
  return [first.status === "pass" ? warn(first.id, detail, WRITE_SERVICES) : { ...first, detail }, ...others];
}

const notFollowed = (included: string[]): Text => ({
  en: `"include = ${included.join(", ")}" is not followed here: what it holds is not judged`,
  fr: `« include = ${included.join(", ")} » n'est pas suivi ici : ce qu'il contient n'est pas jugé`,
});

const WRITE_SERVICES: Text = {
  en: "write the services of the link into this file itself",
  fr: "écrivez les services de la liaison dans ce fichier même",
};
const NO_PLACE: Text = { en: "no service names a plain side", fr: "aucun service ne nomme de côté en clair" };

function revocation(service: Service): ReturnType<Rule> {
  const asked = ["CRLfile", "CRLpath", "OCSP"].filter((name) => valueIn(service, name) !== undefined);
  if (isSet(service, "OCSPaia", "yes")) asked.push("OCSPaia");
  if (asked.length > 0)
    return {
      status: "pass",
      detail: joined(
        asked.map((name) => lineOf(service, name)),
        ",",
      ),
    };
  if (isPinned(service))
    return {
      status: "pass",
      detail: {
        en: "verifyPeer = yes: what is taken out of CAfile is refused",
        fr: "verifyPeer = yes : ce qui est retiré de CAfile est refusé",
      },
    };
  const write = [`CRLfile = ${(valueIn(service, "CAfile") ?? "/certs/ca.crt").replace(/[^/]*$/, "ca.crl")}`];
  return {
    status: "warn",
    fix: { write },
    detail: {
      en: "neither CRLfile nor CRLpath nor OCSP is set: revoked peers are accepted",
      fr: "ni CRLfile ni CRLpath ni OCSP n'est défini : les pairs révoqués sont acceptés",
    },
  };
}

function resumption(service: Service): ReturnType<Rule> {
  const line = lineOf(service, "sessionResume");
  if (isSet(service, "sessionResume", "no")) return { status: "pass", detail: line };
  return {
    status: "fail",
    fix: { write: ["sessionResume = no"], ...insteadOf(service, "sessionResume") },
    detail: {
      en: `${line.en}: a resumed session skips every check of the certificate, also after it has expired`,
      fr: `${line.fr} : une session reprise saute tout contrôle du certificat, même expiré`,
    },
  };
}

function delay(service: Service): ReturnType<Rule> {
  if (!service.client) return undefined;
  const places = placesOf(service, "connect");
  const names = places.map(({ host }) => host).filter((host) => isIP(host) === 0 && !staysInside(host));
  const line = lineOf(service, "delay");
  if (isSet(service, "delay", "yes")) return { status: "pass", detail: line };
  if (names.length === 0)
    return { status: "pass", detail: same(places.map(({ text }) => `connect = ${text}`).join(", ")) };
  return {
    status: "warn",
    fix: { write: ["delay = yes"], ...insteadOf(service, "delay") },
    detail: {
      en: `${line.en}: the first address of ${names.join(", ")} is kept for ever`,
      fr: `${line.fr} : la première adresse de ${names.join(", ")} est gardée pour toujours`,
    },
  };
}

function logLevel(service: Service): ReturnType<Rule> {
  const value = valueIn(service, "debug");
  const line = lineOf(service, "debug");
  // a facility of syslog may stand before the level
  if (/^(?:\w+\.)?(?:info|debug|6|7)$/i.test(value ?? "")) return { status: "pass", detail: line };
  return {
    status: "warn",
    fix: { write: ["debug = info"], ...insteadOf(service, "debug") },
    detail: {
      en: `${line.en}: names that matched, versions, suites and the causes of a refusal are not logged`,
      fr: `${line.fr} : noms reconnus, versions, suites et causes d'un refus ne sont pas journalisés`,
    },
  };
}

const RULES = {
  "chain-verified": chainVerified,
  "peer-name": (service: Service) => peerName(service, [service]),
  revocation,
  "oldest-version": oldestVersion,
  "cipher-list": cipherList,
  resumption,
  "plain-side": plainSide,
  delay,
  "time-limits": timeLimits,
  "log-level": logLevel,
} as const satisfies Record<string, Rule>;
