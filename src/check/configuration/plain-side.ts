import { BlockList, isIP, isIPv6 } from "node:net";
import { joined, same, type Text } from "../../languages.ts";
import { placesOf, type Rule, type Service } from "./services.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Says whether what goes to a host stays on this machine; a path is a Unix socket. */
export const staysInside = (host: string) =>
  host.startsWith("/") ||
  host.toLowerCase() === "localhost" ||
  (isIP(host) > 0 && LOOPBACK.check(host, isIPv6(host) ? "ipv6" : "ipv4"));

/** Judges where a service takes or gives plain text. */
export function plainSide(service: Service): ReturnType<Rule> {
  const name = service.client ? "accept" : "connect";
  const places = placesOf(service, name);
  const line = ({ text }: { text: string }) => `${name} = ${text}`;
  const outside = places.filter(({ host }) => !staysInside(host));
  if (places.length === 0) return undefined;
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
