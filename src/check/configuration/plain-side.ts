import { joined, same, type Text } from "../../languages.ts";
import { staysInside } from "../../site/plain-side.ts";
import type { PlainLine } from "../../site/stunnel-conf.ts";
import { placesOf, type Rule, type Service } from "./services.ts";

/** Judges where a service takes or gives plain text; a line that a setting of the site has made is `onPurpose`. */
export function plainSide(service: Service, onPurpose: PlainLine[] = []): ReturnType<Rule> {
  const name = service.client ? "accept" : "connect";
  const places = placesOf(service, name);
  const line = ({ text }: { text: string }) => `${name} = ${text}`;
  const meantHere = onPurpose.filter((one) => one.service === service.name);
  const astray = meantHere.filter((one) => one.astray).map((one) => one.line);
  const leaving = places.filter(({ host }) => !staysInside(host));
  const outside = leaving.filter((place) => !meantHere.some((one) => one.line === line(place)));
  if (places.length === 0) return undefined;
  if (astray.length > 0)
    return { status: "fail", detail: joined([same(astray.join(", ")), GIVEN_ASTRAY], ":"), next: NAME_ANOTHER };
  if (outside.length === 0 && leaving.length > 0) {
    const meant = service.client ? TAKEN_ON_PURPOSE : GIVEN_ON_PURPOSE;
    return { status: "warn", detail: joined([same(leaving.map(line).join(", ")), meant], ":"), next: KEEP_APART };
  }
  if (outside.length === 0) return { status: "pass", detail: same(places.map(line).join(", ")) };
  const lines = outside.map(line);
  const everywhere = outside.some(({ host }) => ["", "*", "0.0.0.0", "::"].includes(host));
  const why: Text = !service.client
    ? { en: "messages leave the machine in plain text", fr: "les messages quittent la machine en clair" }
    : everywhere
      ? { en: "plain text is taken on all addresses", fr: "du texte en clair est accepté sur toutes les adresses" }
      : { en: "plain text is taken from other machines", fr: "du texte en clair est accepté d'autres machines" };
  return {
    status: "fail",
    detail: joined([same(lines.join(", ")), why], ":"),
    fix: { write: outside.map(({ port }) => `${name} = 127.0.0.1:${port}`), insteadOf: lines },
  };
}

const TAKEN_ON_PURPOSE: Text = {
  en: "on purpose (PLAIN_HOST): whoever is on that network sends as this site, and can be read there",
  fr: "à dessein (PLAIN_HOST) : quiconque est sur ce réseau émet au nom de ce site, et peut y être lu",
};
const GIVEN_ON_PURPOSE: Text = {
  en: "on purpose (ENGINE): messages leave this machine in plain text",
  fr: "à dessein (ENGINE) : les messages quittent cette machine en clair",
};
const GIVEN_ASTRAY: Text = {
  en: "messages leave in plain text on the network by which the peer is reached",
  fr: "les messages partent en clair sur le réseau par lequel on joint le pair",
};
const NAME_ANOTHER: Text = {
  en: "let ENGINE name an alias that the engine has on its own network alone",
  fr: "donnez à ENGINE un alias que le moteur n'a que sur son propre réseau",
};
const KEEP_APART: Text = {
  en: "have nothing on that network but this site and its engine",
  fr: "n'ayez sur ce réseau que ce site et son moteur",
};
