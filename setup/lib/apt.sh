# Installs packages without touching the machine's apt sources or lists. Needs $work, a temporary folder.

# Both apt and debootstrap obey APT_CONFIG; everything that apt keeps goes to the temporary folder.
use_own_lists() {
  mkdir -p "$work/lists/partial" "$work/archives/partial"
  cat >"$work/apt.conf" <<EOF
Dir::State::Lists "$work/lists";
Dir::Cache::Archives "$work/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
DPkg::Lock::Timeout "120";
DPkg::Options { "--force-confdef"; "--force-confold"; };
EOF
  export APT_CONFIG="$work/apt.conf"
}

# The machine's release stays the preferred one: only what is named with /trixie comes from trixie.
use_trixie_beside() {
  debian_sources >"$work/found"
  if ! grep -q ' trixie$' "$work/found"; then
    fail "no debian mirror with trixie among this machine's apt sources" \
      "set DEBIAN_MIRROR to your Debian mirror, then run it again"
  fi
  while read -r uri suite; do
    apt_line "$uri" "$suite"
  done <"$work/found" >"$work/sources.list"
  cat >>"$work/apt.conf" <<EOF
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Default-Release "/^$(os_release VERSION_CODENAME)(|-updates|-security)$/";
EOF
}

# Without a network apt-get calls it a success with warnings.
update_lists() {
  if logged apt-get -q update && [ -n "$(find "$work/lists" -name '*_Packages*' | head -n 1)" ]; then
    return
  fi
  fail "apt-get update failed" "see $SETUP_LOG, and mend the machine's apt sources or proxy"
}

install_packages() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    logged apt-get -q -y --no-install-recommends --no-remove install "$@" ||
    fail "apt-get install $* failed" "see $SETUP_LOG"
}
