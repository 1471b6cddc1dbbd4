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
  log=/var/log/mllp-safetunnel-setup.log
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
  is_old_debian && release=/trixie || release=
  for part in $missing; do
    case $part in
      client) has_package docker-cli && printf 'docker-cli%s ' "$release" ;;
      engine) printf 'docker.io%s iptables iproute2 ' "$release" ;;
      compose) has_package docker-compose-v2 && printf 'docker-compose-v2 ' || printf 'docker-compose%s ' "$release" ;;
      buildx) printf 'docker-buildx%s ' "$release" ;;
    esac
  done
}

# Ubuntu names the second Compose docker-compose-v2, and has the client in docker.io.
has_package() {
  apt-cache show "$1" >/dev/null 2>&1
}
