/** The organization in every name that gen-certs gives. */
export const ORGANIZATION = "mllp-safetunnel sandbox";
/** What the common name of an authority is, or begins with, that gen-certs made. */
export const AUTHORITY_NAME = "mllp-safetunnel sandbox CA";

/** What an X.520 serialNumber begins with that is the serial of its own certificate; others put in a device or a person. */
const OF_CERTIFICATE = "cert:";

/** Returns the X.520 serialNumber of a subject that bears the serial of its own certificate, which is in hexadecimal. */
export const serialNumberOf = (serial: string): string => `${OF_CERTIFICATE}${serial.toUpperCase()}`;

/** Returns a subject without the serial that it bears, for where there is little room. */
export const withoutSerial = (subject: string): string =>
  subject.replace(new RegExp(`, serialNumber=${OF_CERTIFICATE}[0-9A-F]{32}$`), "");

// what could end a part of a name early makes OpenSSL put that part in quotes, which these do not take
const SUBJECT = new RegExp(
  `^CN=[\\w.-]+, (?:OU=[\\w -]+, )?O=${ORGANIZATION}, serialNumber=${OF_CERTIFICATE}([0-9A-F]{32})$`,
);
const ISSUER = new RegExp(`^CN=${AUTHORITY_NAME}(?: \\d+)?, O=${ORGANIZATION}$`);

/**
 * Returns the serial that a certificate bears in its subject, both names as Stunnel prints them, and undefined where
 * that may be another number: only an authority that gen-certs made is known to write it so.
 */
export function serialIn(subject: string, issuer: string): string | undefined {
  return ISSUER.test(issuer) ? SUBJECT.exec(subject)?.[1] : undefined;
}
