#!/bin/sh
# Chooses the image that the project's own images are built on, makes it where no registry answers, remembers it in .env.
set -eu

setup=$(CDPATH='' cd "$(dirname "$0")" && pwd)
project=$(dirname "$setup")
. "$setup/lib/say.sh"
. "$setup/lib/machine.sh"
. "$setup/lib/mirror.sh"
. "$setup/lib/apt.sh"
. "$setup/lib/env-file.sh"
. "$setup/lib/images.sh"
. "$setup/lib/debian-tree.sh"
. "$setup/lib/local-image.sh"

DEFAULT_IMAGE=node:24-trixie-slim
LOCAL_IMAGE=mllp-safetunnel/base:node24-trixie
PULL_SECONDS=60

main() {
  if [ -n "${BASE_IMAGE:-}" ]; then
    is_present "$BASE_IMAGE" || get "$BASE_IMAGE" ||
      fail "no image $BASE_IMAGE (BASE_IMAGE) here or within $PULL_SECONDS s from its registry" \
        "bring it with \"docker load\", or run \"unset BASE_IMAGE\" to let the set-up choose"
    choose "$BASE_IMAGE"
    return
  fi
  # The local image comes before pulling: where it was made, no registry answered.
  for image in "$(remembered BASE_IMAGE)" "$DEFAULT_IMAGE" "$LOCAL_IMAGE"; do
    if [ -n "$image" ] && is_present "$image"; then
      choose "$image"
      return
    fi
  done
  if pull "$DEFAULT_IMAGE"; then
    choose "$DEFAULT_IMAGE"
    return
  fi
  say "no registry answers"
  make_local_image
  choose "$LOCAL_IMAGE"
}

# Naming the local image asks for it to be made, whether a registry answers or not.
get() {
  if [ "$1" = "$LOCAL_IMAGE" ]; then
    make_local_image
  else
    pull "$1"
  fi
}

choose() {
  remember BASE_IMAGE "$1"
  say "base image: $1"
}

main
