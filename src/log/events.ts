/** The name of every event that a log line can be of; docs/logs.md says what each means. */
export const LOG_EVENTS = [
  // a message, from its sender to the far listener and back
  "message-queued",
  "message-not-queued",
  "message-accepted",
  "message-repeated",
  "message-refused",
  "message-acknowledged",
  "message-negative",
  "message-set-aside",
  "message-kept",
  "exchange-failed",
  "acknowledgment-ignored",
  "acknowledgment-unsent",
  // what came and was no message
  "bytes-outside-frame",
  "unfinished-frame",
  "frame-too-large",
  // the link and its connections
  "link-lost",
  "link-back",
  "connection-broken",
  "connections-cut",
  // the site and what it works with
  "site-starts",
  "site-runs",
  "site-stops",
  "site-stopped",
  "site-failed",
  "simulator-off",
  "plain-side-open",
  "port-in-use",
  "outbox-found",
  "store-failed",
  "watch-not-served",
  "audit-failed",
  "audit-back",
  "audit-aside",
  "handler",
  "answer-drill",
  // Stunnel and its certificates
  "stunnel",
  "tunnel-ended",
  "tunnel-reload",
  "tunnel-reloaded",
  "reload-refused",
  "certificate",
  "certificate-not-loaded",
] as const;

export type LogEvent = (typeof LOG_EVENTS)[number];
