#!/bin/sh
# Chooses the images of the profile "watch" and remembers them in .env; makes stand-ins where no registry answers.
# Names of services as arguments are all that it looks for: sh setup/watch.sh prometheus alertmanager
set -eu

setup=$(CDPATH='' cd "$(dirname "$0")" && pwd)
project=$(dirname "$setup")
. "$setup/lib/say.sh"
. "$setup/lib/env-file.sh"
. "$setup/lib/images.sh"
. "$setup/lib/watch-images.sh"

main() {
  [ $# -gt 0 ] || set -- prometheus alertmanager grafana
  for service in "$@"; do
    case $service in
      prometheus) choose_or_make PROMETHEUS_IMAGE prometheus ;;
      alertmanager) choose_or_make ALERTMANAGER_IMAGE alertmanager ;;
      grafana) choose_or_leave_out ;;
      *) fail "no service $service in the profile watch" "name prometheus, alertmanager or grafana" ;;
    esac
  done
}

# choose_or_make VARIABLE SERVICE
choose_or_make() {
  find_image "$1" "$2" "$(stand_in "$2")" || make_stand_in "$1" "$2"
  remember "$1" "$image"
  say "$2: $image"
}

# Grafana is not in Debian. A profile that nobody asks for keeps Compose from looking for its image.
choose_or_leave_out() {
  if find_image GRAFANA_IMAGE grafana; then
    remember GRAFANA_IMAGE "$image"
    remember GRAFANA_PROFILE watch
    say "grafana: $image"
    return
  fi
  remember GRAFANA_PROFILE without-grafana
  say "grafana: left out, since no registry answers and Debian has none; bring the image of another machine with" \
    "\"docker load\", then run \"GRAFANA_IMAGE=NAME npm run watch\""
}

main "$@"
