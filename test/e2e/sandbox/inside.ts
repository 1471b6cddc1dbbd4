/** A line of shell that signals the process of a site, and neither Stunnel nor init. */
export const signalSite = (name: "STOP" | "CONT" | "KILL"): string =>
  `for p in /proc/[0-9]*; do
     [ "$(tr '\\0' ' ' <$p/cmdline)" = "node /usr/local/bin/site " ] && kill -${name} $(basename $p)
   done; true`;

/** A line of shell that kills Stunnel, and nothing else. */
export const KILL_STUNNEL =
  'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" = stunnel ] && kill -9 $(basename $p); done; true';

/** A line of shell that succeeds when bytes lie on a port that its listener, standing still, has not read. */
export const bytesWaitOn = (port: number): string => {
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  // in /proc/net/tcp: local address, remote address, state 01 for established, bytes to send and to be read
  return `grep -qE ':${local} [0-9A-F]{8}:[0-9A-F]{4} 01 [0-9A-F]{8}:[0-9A-F]*[1-9A-F]' /proc/net/tcp`;
};

/** A program for node inside EAI: passes bytes through the plain port of its tunnel, as they come, both ways. */
export const PLAIN_PORT = `
  const { connect } = require("node:net");
  const socket = connect(21010, "127.0.0.1");
  process.stdin.pipe(socket);
  socket.on("data", (chunk) => process.stdout.write(chunk)).on("close", () => process.exit(0)).on("error", () => {});`;
