# Starts the Docker engine of this machine and waits for it. Needs fail, logged and within.

DOCKERD_LOG=/var/log/dockerd.log
ENGINE_START_SECONDS=60

engine_answers() {
  within 10 docker info >/dev/null 2>&1 </dev/null
}

start_engine() {
  say "starting the docker engine"
  if [ -d /run/systemd/system ]; then
    # clears the memory of earlier failures, which may forbid another start
    systemctl reset-failed docker docker.socket >/dev/null 2>&1 || true
    systemctl start docker >/dev/null 2>&1 </dev/null || true
  elif ! engine_is_starting; then
    remove_leftovers
    start_by_hand
  fi
  wait_for_engine || engine_failed
}

# Some packages start it themselves right after their installation.
engine_is_starting() {
  is_process /var/run/docker.pid dockerd
}

# is_process PID-FILE NAME
is_process() {
  [ -s "$1" ] && [ "$(cat "/proc/$(cat "$1")/comm" 2>/dev/null)" = "$2" ]
}

# After an unclean end these name processes that are gone, or others that took their numbers, and dockerd gives up.
remove_leftovers() {
  rm -f /var/run/docker.pid
  is_process /var/run/docker/containerd/containerd.pid containerd || rm -f /var/run/docker/containerd/containerd.pid
  grep -qsx containerd /proc/[0-9]*/comm || rm -f /run/containerd/containerd.sock
}

# In a session of its own and with no descriptor of ours: whoever waits for our output to end must not wait for dockerd.
start_by_hand() {
  (
    cd /
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    exec setsid dockerd >>"$DOCKERD_LOG" 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  ) &
}

wait_for_engine() {
  tries=$((ENGINE_START_SECONDS * 2))
  while [ "$tries" -gt 0 ]; do
    engine_answers && return 0
    sleep 0.5
    tries=$((tries - 1))
  done
  return 1
}

engine_failed() {
  if [ -d /run/systemd/system ]; then
    journalctl -u docker -n 15 --no-pager >&2 || true
    fail "no answer from the docker engine within $ENGINE_START_SECONDS s" "run \"journalctl -u docker\" to see why"
  fi
  tail -n 15 "$DOCKERD_LOG" >&2 || true
  fail "no answer from the docker engine within $ENGINE_START_SECONDS s" "see $DOCKERD_LOG"
}
