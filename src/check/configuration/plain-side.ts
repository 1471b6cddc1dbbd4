import { joined, same, type Text } from "../../languages.ts";
import { staysInside } from "../../site/plain-side.ts";
import { placesOf, type Rule, type Service } from "./services.ts";

/** Judges where a service takes or gives plain text; a line that a setting of the site has made is `onPurpose`. */
export function plainSide(service: Service, onPurpose: string[] = []): ReturnType<Rule> {
  const name = service.client ? "accept" : "connect";
  const places = placesOf(service, name);
  const line = ({ text }: { text: string }) => `${name} = ${text}`;
  const leaving = places.filter(({ host }) => !staysInside(host));
  const outside = leaving.filter((place) => !onPurpose.includes(line(place)));
  if (places.length === 0) return undefined;
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
const KEEP_APART: Text = {
  en: "have nothing on that network but this site and its engine",
  fr: "n'ayez sur ce réseau que ce site et son moteur",
};
