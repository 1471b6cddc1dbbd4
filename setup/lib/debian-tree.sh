# Makes a small Debian 13 in $tree as the official slim image has it. Needs $work, $log and $architecture.

make_debian_tree() {
  use_own_lists
  install_debootstrap
  debian_sources | grep ' trixie' >"$work/sources" || true
  mirror=$(sed -n 's/ trixie$//p' "$work/sources" | head -n 1)
  if [ -z "$mirror" ]; then
    fail "no debian mirror with trixie among this machine's apt sources" \
      "set DEBIAN_MIRROR to your Debian mirror, then run it again"
  fi
  keyring=$(signed_by "$mirror")
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  export http_proxy="${http_proxy:-${proxy:-}}"
  case $keyring in
    *.gpg) set -- "--keyring=$keyring" ;;
    *) set -- ;;
  esac
  logged "$log" debootstrap --variant=minbase --include=ca-certificates --arch="$architecture" "$@" \
    trixie "$tree" "$mirror" ||
    fail "debootstrap trixie from $mirror failed" "see $log"
  add_apt_settings
  add_certificates
  logged "$log" chroot "$tree" groupadd --gid 1000 node
  logged "$log" chroot "$tree" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
  drop_what_slim_drops
}

install_debootstrap() {
  set --
  command -v debootstrap >/dev/null || set -- debootstrap
  [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || set -- "$@" debian-archive-keyring
  [ $# = 0 ] && return
  is_debian_family || fail "no $* on this machine" "install it, or bring an image with \"docker load\" and set BASE_IMAGE"
  say "installing $*"
  update_lists
  install_packages "$@"
}

# The same mirrors, proxy and checks as the machine's, so that builds reach what the machine reaches.
add_apt_settings() {
  rm -f "$tree/etc/apt/sources.list"
  while read -r uri suite; do
    apt_line "$uri" "$suite"
    keyring=$(signed_by "$uri")
    if [ -n "$keyring" ] && [ ! -e "$tree$keyring" ]; then
      install -D -m 644 "$keyring" "$tree$keyring"
    fi
  done <"$work/sources" >"$tree/etc/apt/sources.list.d/debian.list"
  apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-Date|Check-Valid-Until)[ :]' \
    >"$tree/etc/apt/apt.conf.d/machine" || true
  cat >"$tree/etc/apt/apt.conf.d/docker" <<'EOF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
EOF
  # Nothing starts a service while an image is built.
  printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
  chmod 755 "$tree/usr/sbin/policy-rc.d"
}

# Networks behind an inspecting proxy: what the machine trusts, builds trust.
add_certificates() {
  authorities=$tree/usr/local/share/ca-certificates
  mkdir -p "$authorities"
  cp -RL /usr/local/share/ca-certificates/. "$authorities/" 2>/dev/null || true
  case ${NODE_EXTRA_CA_CERTS:-} in
    "" | /etc/ssl/certs/*) ;;
    *) cp "$NODE_EXTRA_CA_CERTS" "$authorities/node-extra-ca-certs.crt" ;;
  esac
  logged "$log" chroot "$tree" update-ca-certificates
}

drop_what_slim_drops() {
  mkdir -p "$tree/etc/dpkg/dpkg.cfg.d"
  cat >"$tree/etc/dpkg/dpkg.cfg.d/docker" <<'EOF'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
EOF
  find "$tree/usr/share/doc" -type f ! -name copyright -delete
  find "$tree/usr/share/doc" -depth -type d -empty -delete
  find "$tree/usr/share/info" "$tree/usr/share/locale" "$tree/usr/share/man" -mindepth 1 -delete 2>/dev/null || true
  find "$tree/var/lib/apt/lists" "$tree/var/cache/apt" "$tree/var/log" -type f -delete
  rm -f "$tree/etc/resolv.conf" "$tree/etc/hostname"
}
