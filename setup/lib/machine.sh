# Tells what kind of machine this is.

is_root() {
  [ "$(id -u)" = 0 ]
}

# os_release NAME : a value of the machine's /etc/os-release (tests bring another), or nothing.
os_release() {
  # shellcheck disable=SC1091
  (. "${SETUP_OS_RELEASE:-/etc/os-release}" 2>/dev/null && eval "printf %s \"\${$1:-}\"")
}

is_debian_family() {
  command -v apt-get >/dev/null || return 1
  case " $(os_release ID) $(os_release ID_LIKE) " in
    *" debian "* | *" ubuntu "*) return 0 ;;
  esac
  return 1
}

# Debian before 13, whose own Docker packages are too old.
is_old_debian() {
  [ "$(os_release ID)" = debian ] && [ "$(os_release VERSION_ID)" -lt 13 ] 2>/dev/null
}
