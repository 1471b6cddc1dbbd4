/** Where something listens: a plain port, a TLS port. */
export interface Endpoint {
  host: string;
  port: number;
}

/** Returns a place as people write it: host:port. */
export function placeOf({ host, port }: Endpoint): string {
  // a Unix socket has a path alone
  if (host.startsWith("/")) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
