# Talks to people: progress on standard output, an error as two lines on standard error.

say() {
  printf '%s\n' "$*"
}

# fail WHAT-WAS-TRIED NEXT-ACTION
fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# logged LOG COMMAND… : runs the command silently; a failure shows the end of its log.
logged() {
  log_file=$1
  shift
  "$@" >>"$log_file" 2>&1 </dev/null && return 0
  printf '… the end of %s:\n' "$log_file" >&2
  tail -n 15 "$log_file" >&2
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
