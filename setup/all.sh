#!/bin/sh
# Sets up what a bare machine lacks. The engine comes first: who may not install it gets nothing installed.
set -eu

setup=$(CDPATH='' cd "$(dirname "$0")" && pwd)

for step in engine base-image dependencies; do
  sh "$setup/$step.sh"
done
