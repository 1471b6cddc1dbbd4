# Makes a small Debian 13 in $tree as the official slim image has it. Needs $work and $architecture.

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
  case $keyring in
    *.gpg) set -- "--keyring=$keyring" ;;
    *) set -- ;;
  esac
  logged with_proxy_of_apt debootstrap --variant=minbase --include=ca-certificates --arch="$architecture" "$@" \
    trixie "$tree" "$mirror" ||
    fail "debootstrap trixie from $mirror failed" "see $SETUP_LOG"
  add_apt_settings
  add_certificates
  logged chroot "$tree" groupadd --gid 1000 node
  logged chroot "$tree" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
  drop_what_slim_drops
}

install_debootstrap() {
  set --
  command -v debootstrap >/dev/null || set -- debootstrap
  [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || set -- "$@" debian-archive-keyring
  [ $# = 0 ] && return
  say "installing $*"
  update_lists
  install_packages "$@"
}

# debootstrap downloads with wget, which does not know apt's settings.
with_proxy_of_apt() {
  plain='' secure=''
  eval "$(apt-config shell plain Acquire::http::Proxy secure Acquire::https::Proxy)"
  env http_proxy="${http_proxy:-${plain#DIRECT}}" https_proxy="${https_proxy:-${secure#DIRECT}}" "$@"
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
  logged chroot "$tree" update-ca-certificates
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
