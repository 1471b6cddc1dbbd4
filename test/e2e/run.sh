#!/bin/sh
# Runs the end-to-end suite. The run of faults waits more than it works: it goes beside the other files, and is shown
# behind them. With arguments, which name files, all is one run.
[ $# -gt 0 ] && exec vitest run --project e2e --project faults "$@"

told=$(mktemp)
vitest run --project faults >"$told" 2>&1 &
faults=$!
trap 'kill $faults 2>/dev/null' EXIT
vitest run --project e2e
e2e=$?
wait $faults
code=$?
cat "$told"
rm "$told"
[ $e2e -eq 0 ] && [ $code -eq 0 ]
