# Looks for images, and pulls them within $PULL_SECONDS. Needs say.

is_present() {
  docker image inspect "$1" >/dev/null 2>&1
}

pull() {
  say "pulling $1 (at most $PULL_SECONDS s)"
  within "$PULL_SECONDS" docker pull --quiet "$1" >/dev/null 2>&1 </dev/null
}
