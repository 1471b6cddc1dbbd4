#!/bin/sh
# Runs the end-to-end suite. The runs of faults wait more than they work: they go beside the other files, and are shown
# behind them. With arguments, which name files, all is one run.
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
