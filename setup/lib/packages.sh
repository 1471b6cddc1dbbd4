# Installs the parts of Docker that are missing, from the distribution's own packages. Needs $missing and in_words.

install_hint() {
  if is_debian_family; then
    printf 'run "sudo npm start"'
  else
    printf 'install Docker Engine, Compose v2 and buildx as your system does it, then run it again'
  fi
}

install_parts() {
  is_debian_family || fail "no $(in_words) on this machine, which is not of the Debian family" "$(install_hint)"
  if is_old_debian && [ "$(os_release VERSION_ID)" -lt 12 ]; then
    fail "no $(in_words) on this machine, and Debian $(os_release VERSION_ID) is too old for Debian 13's" \
      "use Debian 12 or later, or install Docker Engine, Compose v2 and buildx by hand"
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  use_own_lists
  if is_old_debian; then
    use_trixie_beside
  fi
  say "reading package lists"
  update_lists
  # shellcheck disable=SC2046
  set -- $(packages)
  say "installing $* (about a minute)"
  install_packages "$@"
  rm -rf "$work"
}

# Debian 12 takes Debian 13's Docker, and everything else from its own release.
packages() {
  release=
  if is_old_debian; then
    release=/trixie
  fi
  for part in $missing; do
    case $part in
      client) packages_of_client ;;
      engine) printf 'docker.io%s iptables iproute2 ca-certificates %s' "$release" "$(apparmor_package)" ;;
      compose) packages_of_compose ;;
      buildx) printf 'docker-buildx%s ' "$release" ;;
    esac
  done
}

# Where the kernel enforces AppArmor, no container starts without its parser.
apparmor_package() {
  if grep -qs Y /sys/module/apparmor/parameters/enabled; then
    printf 'apparmor '
  fi
}

# Ubuntu has the client in docker.io, and names the second Compose docker-compose-v2.
packages_of_client() {
  if has_package docker-cli; then
    printf 'docker-cli%s ' "$release"
  else
    printf 'docker.io '
  fi
}

packages_of_compose() {
  if has_package docker-compose-v2; then
    printf 'docker-compose-v2 '
  else
    printf 'docker-compose%s ' "$release"
  fi
}

has_package() {
  apt-cache show "$1" >/dev/null 2>&1
}
