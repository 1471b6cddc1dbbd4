#!/bin/sh
# Renews, revokes or replaces the certificates of a running sandbox, and makes its sites use them. Needs Docker only.
set -eu
cd "$(dirname "$0")/.."

sites="eai dpi"
in_certs() { docker compose run --rm -T certs "$@"; }
runs() { docker compose ps --services --status running | grep -qx "$1"; }

# A site with certificates of its own would go on with them, and nobody would know.
require_ours() {
  for site in $sites; do
    runs "$site" || continue
    theirs=$(docker compose exec -T "$site" cat "/certs/$site.crt")
    [ "$theirs" = "$(in_certs cat "/pki/$site/$site.crt")" ] && continue
    echo "error: $site does not use the certificates that the certs service makes" >&2
    echo "hint: change the folder that EAI_CERTS or DPI_CERTS names, and run \"certs reload\" in the site" >&2
    exit 1
  done
}

# One that does not run must not keep the other from hearing of it.
reload() {
  failed=
  for site in $sites; do
    if ! runs "$site"; then
      echo "note: $site does not run, and reads the new files when it starts"
    else
      echo "$site"
      docker compose exec -T "$site" certs reload || failed="$failed $site"
    fi
  done
  [ -z "$failed" ] && return
  echo "error: not every site uses the new files:$failed goes on with the old ones" >&2
  echo "hint: mend what is said above, and run \"docker compose exec$failed certs reload\"" >&2
  exit 1
}

has_authority() { in_certs test -e "/pki/authority/$1.crt"; }

what=${1:-}
[ $# -eq 0 ] || shift

case $what in
  rotate | revoke)
    require_ours
    in_certs certs "$what" "$@"
    reload
    ;;
  replace-authority)
    require_ours
    # where it was interrupted, the sites may not have heard of the last step
    if ! has_authority previous; then
      has_authority next || in_certs certs authority add
      reload
      in_certs certs authority switch
    fi
    reload
    in_certs certs authority retire
    reload
    ;;
  *)
    echo "usage: sh stunnel/in-compose.sh rotate [site...] | revoke <site...> | replace-authority" >&2
    exit 2
    ;;
esac
