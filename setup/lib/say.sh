# Talks to people: progress on standard output, an error as two lines on standard error, details in a log.

SETUP_LOG=/var/log/mllp-safetunnel-setup.log

say() {
  printf '%s\n' "$*"
}

# fail WHAT-WAS-TRIED NEXT-ACTION
fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# logged COMMAND… : runs the command silently; a failure shows the end of its log.
logged() {
  "$@" >>"$SETUP_LOG" 2>&1 </dev/null && return 0
  printf '… the end of %s:\n' "$SETUP_LOG" >&2
  tail -n 15 "$SETUP_LOG" >&2
  return 1
}

# within SECONDS COMMAND… : not every system that has Docker has timeout (macOS does not).
within() {
  if command -v timeout >/dev/null; then
    timeout "$@"
  else
    shift
    "$@"
  fi
}
