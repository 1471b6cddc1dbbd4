#!/bin/sh
# Makes sure that Docker answers, with Compose v2 and buildx; installs and starts what is missing if it may.
set -eu

setup=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$setup/lib/say.sh"
. "$setup/lib/machine.sh"
. "$setup/lib/mirror.sh"
. "$setup/lib/apt.sh"
. "$setup/lib/packages.sh"
. "$setup/lib/daemon.sh"

main() {
  look
  if [ "$engine" = answers ] && [ -z "$missing" ]; then
    say "engine: docker answers, with compose and buildx"
    return
  fi
  refuse_what_is_elsewhere
  is_root || refuse_as_user
  if [ -n "$missing" ]; then
    install_parts
  fi
  engine_answers || start_engine
  look
  [ -z "$missing" ] || fail "still no $(in_words) after the installation" "see $SETUP_LOG"
  say "engine: docker answers, with compose and buildx"
}

# Sets $engine (answers, denied, stopped, absent) and $missing (words of client, engine, compose, buildx).
look() {
  missing=
  engine=stopped
  if ! command -v docker >/dev/null; then
    missing="client compose buildx"
    has_dockerd || absent
    return
  fi
  if reason=$(within 10 docker info 2>&1 >/dev/null </dev/null); then
    engine=answers
  else
    case $reason in
      *"permission denied while trying"*) engine=denied ;;
      *) has_dockerd || absent ;;
    esac
  fi
  docker compose version >/dev/null 2>&1 || missing="$missing compose"
  docker buildx version >/dev/null 2>&1 || missing="$missing buildx"
  missing=${missing# }
}

absent() {
  engine=absent
  missing="engine${missing:+ $missing}"
}

# An ordinary user's PATH often lacks the folder that holds it; tests name an empty one.
has_dockerd() {
  command -v dockerd >/dev/null || [ -x "${SETUP_SBIN:-/usr/sbin}/dockerd" ]
}

in_words() {
  printf %s "$missing" | sed 's/client/docker client/; s/engine/docker engine/; s/compose/docker compose v2/
    s/buildx/docker buildx/; s/\([a-z2]\) docker/\1, docker/g'
}

refuse_what_is_elsewhere() {
  [ "$engine" = answers ] && return
  if [ -n "${DOCKER_HOST:-}" ]; then
    fail "no answer from the docker engine at $DOCKER_HOST (DOCKER_HOST) within 10 s" \
      "start that engine, or run \"unset DOCKER_HOST\" to use this machine's own"
  fi
  context=$(docker context show 2>/dev/null) || return 0
  if [ "$context" != default ]; then
    fail "no answer from the docker engine of the context $context within 10 s" \
      "start that engine, or run \"docker context use default\" to use this machine's own"
  fi
}

refuse_as_user() {
  if [ -n "$missing" ]; then
    fail "no $(in_words) on this machine, and only root can install it" "$(install_hint)"
  fi
  if [ "$engine" = denied ]; then
    user=$(id -un 2>/dev/null || id -u)
    fail "no permission on the docker socket for the user $user" \
      "run \"sudo usermod -aG docker $user\", then log in again"
  fi
  if [ -d /run/systemd/system ]; then
    fail "docker engine is installed but not running" "run \"sudo systemctl start docker\""
  fi
  fail "docker engine is installed but not running" "run \"sudo npm start\""
}

main
