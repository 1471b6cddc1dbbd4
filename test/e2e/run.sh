#!/bin/sh
# Runs the end-to-end suite in two halves beside each other, since a sandbox waits as much as it works; the second half is
# shown behind the first. With arguments, which name files, all is one run.
[ $# -gt 0 ] && exec vitest run --project e2e --project beside "$@"

told=$(mktemp)
vitest run --project beside >"$told" 2>&1 &
beside=$!
trap 'kill $beside 2>/dev/null' EXIT
vitest run --project e2e
e2e=$?
wait $beside
code=$?
cat "$told"
rm "$told"
[ $e2e -eq 0 ] && [ $code -eq 0 ]
