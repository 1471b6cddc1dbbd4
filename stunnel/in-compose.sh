#!/bin/sh
# Renews, revokes or replaces the certificates of a running sandbox, and makes its sites use them. Needs Docker only.
set -eu

certs() { docker compose run --rm -T certs certs "$@"; }
reload() { docker compose exec -T "$1" certs reload ${2:-}; }

what=${1:-}
[ $# -eq 0 ] || shift

case $what in
  rotate)
    certs rotate "$@"
    [ $# -gt 0 ] || set -- eai dpi
    for site in "$@"; do reload "$site" --expect-change; done
    ;;
  revoke)
    certs revoke "$@"
    for site in eai dpi; do reload "$site"; done
    ;;
  replace-authority)
    for step in add switch retire; do
      certs authority "$step"
      for site in eai dpi; do reload "$site" --expect-change; done
    done
    ;;
  *)
    echo "usage: sh stunnel/in-compose.sh rotate [site...] | revoke <site...> | replace-authority" >&2
    exit 2
    ;;
esac
