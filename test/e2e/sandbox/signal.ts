/** A line of shell that signals the process of a site, and neither Stunnel nor init. */
export const signalSite = (name: "STOP" | "CONT"): string =>
  `for p in /proc/[0-9]*; do
     [ "$(tr '\\0' ' ' <$p/cmdline)" = "node /usr/local/bin/site " ] && kill -${name} $(basename $p)
   done; true`;
