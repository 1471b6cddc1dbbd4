# Finds or makes the image of a service of the profile "watch". Needs $setup, $project, images.sh.

PULL_SECONDS=300

stand_in() {
  printf 'mllp-safetunnel/%s:debian' "$1"
}

# The image that docker-compose.yml names, so that a version stands in one place.
official() {
  sed -n "s/^ *image: \${$1:-\(.*\)}\$/\1/p" "$project/docker-compose.yml"
}

# find_image VARIABLE SERVICE [STAND-IN] : sets $image to one that is here, or was pulled; fails where there is none.
find_image() {
  eval "asked=\${$1:-}"
  if [ -n "$asked" ]; then
    image=$asked
    is_present "$image" && return
    [ "$image" = "${3:-}" ] && return 1
    pull "$image" && return
    fail "no image $image ($1) here or within $PULL_SECONDS s from its registry" \
      "bring it with \"docker load\", or run \"unset $1\" to let the set-up choose"
  fi
  for image in "$(remembered "$1")" "$(official "$1")" "${3:-}"; do
    if [ -n "$image" ] && is_present "$image"; then
      return
    fi
  done
  image=$(official "$1")
  registry_may_answer && pull "$image"
}

# Where the base image had to be made, no registry answered.
registry_may_answer() {
  case $(remembered BASE_IMAGE) in
    mllp-safetunnel/*) return 1 ;;
  esac
}

# make_stand_in VARIABLE SERVICE
make_stand_in() {
  image=$(stand_in "$2")
  base=${BASE_IMAGE:-$(remembered BASE_IMAGE)}
  [ -n "$base" ] || fail "no base image to make $image from" "run \"sh setup/base-image.sh\""
  say "making $image from Debian's packages (about a minute)"
  docker build --quiet --target "$2" --build-arg "BASE_IMAGE=$base" --tag "$image" - \
    <"$setup/stand-ins.Dockerfile" >/dev/null ||
    fail "no image $image could be made" "mend what docker says above, or name another image with $1"
}
