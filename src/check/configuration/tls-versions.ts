import { same, type Text } from "../../languages.ts";
import { lineOf, type Seen, type Service, valueIn } from "./services.ts";

const VERSIONS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const OLDEST_GOOD = VERSIONS.indexOf("TLSv1.2");
const NAMES = ["sslversionmin", "sslversionmax", "sslversion"];

/** Returns the index of the oldest version that the lines allow, and whether a line speaks of it at all. */
function oldestOf(service: Service): { oldest: number; told: boolean } {
  const newest = VERSIONS.length - 1;
  let [min, max] = [0, newest];
  // the later line wins where two set the same end; "all" sets it free
  for (const [name, values] of service.options) {
    if (!NAMES.includes(name)) continue;
    const version = VERSIONS.findIndex((one) => one.toLowerCase() === values[0]?.toLowerCase());
    if (name !== "sslversionmax") min = version;
    if (name !== "sslversionmin") max = version < 0 ? newest : version;
  }
  // Stunnel leaves SSLv3 out of itself
  const excluded = new Set(["no_sslv3"]);
  for (const option of service.options.get("options") ?? []) {
    const name = option.toLowerCase().replace(/^[-+]/, "").replace(".", "_");
    if (option.startsWith("-")) excluded.delete(name);
    else excluded.add(name);
  }
  const isFree = (version: string) => !excluded.has(`no_${version.toLowerCase().replace(".", "_")}`);
  const oldest = VERSIONS.findIndex((version, index) => index >= min && (isFree(version) || index === newest));
  // without any line about it, what is free is what the security level of OpenSSL leaves
  const told = service.options.has("sslversionmin") || service.options.has("sslversion") || max < OLDEST_GOOD;
  return { oldest, told };
}

/** Says whether a service speaks TLS 1.3 and nothing else. */
export const speaksOnly13 = (service: Service): boolean => oldestOf(service).oldest === VERSIONS.indexOf("TLSv1.3");

/** Judges the oldest version that a service speaks. */
export function oldestVersion(service: Service): Seen {
  const { oldest, told } = oldestOf(service);
  const level = levelOf(service);
  const weak: Text = level < 2 ? lineWith(service, level) : same("");
  if (oldest >= OLDEST_GOOD) {
    const version = `${VERSIONS[oldest]}`;
    return { status: "pass", detail: { en: version + weak.en, fr: version + weak.fr } };
  }
  const set = NAMES.flatMap((name) => lineIn(service, name));
  const fix = { write: ["sslVersionMin = TLSv1.2"], ...(set.length > 0 && { insteadOf: set }) };
  // tried with Stunnel 5.74 and OpenSSL 3.5: from level 1 on, TLS 1.0 and 1.1 are refused whatever stunnel.conf says
  if (!told && level > 0)
    return {
      status: "warn",
      fix,
      detail: {
        en: `sslVersionMin is not set: OpenSSL's security level alone keeps TLS 1.0 and 1.1 out${weak.en}`,
        fr: `sslVersionMin n'est pas défini : seul le niveau de sécurité d'OpenSSL écarte TLS 1.0 et 1.1${weak.fr}`,
      },
    };
  const what = set.length > 0 ? same(set.join(", ")) : lineOf(service, "sslVersionMin");
  return {
    status: "fail",
    fix,
    detail: {
      en: `${what.en}: ${VERSIONS[oldest]} is allowed${weak.en}`,
      fr: `${what.fr} : ${VERSIONS[oldest]} est permis${weak.fr}`,
    },
  };
}

/** Returns the security level that OpenSSL works with: a cipher list may set it as well. */
export function levelOf(service: Service): number {
  const inList = /@SECLEVEL=(\d)/i.exec(valueIn(service, "ciphers") ?? "")?.[1];
  return Number(inList ?? valueIn(service, "securityLevel") ?? 2);
}

const lineWith = (service: Service, level: number): Text => ({
  en: `, security level ${level}${/@SECLEVEL/i.test(valueIn(service, "ciphers") ?? "") ? " by ciphers" : ""}`,
  fr: `, niveau de sécurité ${level}${/@SECLEVEL/i.test(valueIn(service, "ciphers") ?? "") ? " par ciphers" : ""}`,
});

const SPELLED: Record<string, string> = {
  sslversionmin: "sslVersionMin",
  sslversionmax: "sslVersionMax",
  sslversion: "sslVersion",
};

const lineIn = (service: Service, name: string): string[] => {
  const value = valueIn(service, name);
  return value === undefined ? [] : [`${SPELLED[name]} = ${value}`];
};
