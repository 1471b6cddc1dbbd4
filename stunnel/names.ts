import { isIP, isIPv6 } from "node:net";

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const sitePattern = new RegExp(`^${label}$`);
const hostPattern = new RegExp(`^${label}(?:\\.${label})*$`);

/** Says whether a site can be called so: one DNS label, and no folder or file of gen-certs' own. */
export function isSiteName(name: string): boolean {
  return sitePattern.test(name) && !["authority", "ca", "lab"].includes(name);
}

/** Says whether a certificate can be made out to it: an IP address or a DNS name, in its canonical spelling. */
export function isHostName(name: string): boolean {
  if (isIP(name)) return !name.includes("%");
  // Digits and dots that are no address are a mistyped one; a wildcard would let one host pose as another.
  return name.length <= 253 && hostPattern.test(name) && !/^[\d.]+$/.test(name);
}

/** Returns the one spelling of a DNS name or IP address, so that two of them can be compared. */
export function canonicalName(name: string): string {
  if (!isIPv6(name) || name.includes("%")) return name.toLowerCase();
  return new URL(`http://[${name}]`).hostname.slice(1, -1);
}
