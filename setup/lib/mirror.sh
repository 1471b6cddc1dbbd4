# Finds Debian's package sources among those that the machine uses. Needs os_release and $work, a temporary folder.

# apt reads its source files itself: both formats, disabled ones left out, and no package lists needed.
machine_sources() {
  apt-get update --print-uris 2>/dev/null |
    sed -n "s|^'\(.*\)/dists/\([^/]*\)/InRelease'.*|\1 \2|p" |
    while read -r uri suite; do
      case $uri in
        # a file that lists mirrors, as cloud images have it: its first one serves
        mirror+file:*) uri=$(sed -n '/^[a-z]/{s/[[:space:]].*//;s|/$||;p;q;}' "${uri#mirror+file:}") ;;
      esac
      printf '%s %s\n' "$uri" "$suite"
    done
}

# Asks the source itself, because a third party's may have Debian's suite names too.
is_debian_source() {
  /usr/lib/apt/apt-helper -o APT::Sandbox::User=root \
    download-file "$1/dists/$2/InRelease" "$work/InRelease" >/dev/null 2>&1 </dev/null &&
    grep -q '^Origin: Debian$' "$work/InRelease"
}

# debian_sources : "uri suite" of Debian's sources here, and of trixie on the same mirrors.
debian_sources() {
  {
    if [ -n "${DEBIAN_MIRROR:-}" ]; then
      for codename in $(os_release VERSION_CODENAME) trixie; do
        printf '%s %s\n' "${DEBIAN_MIRROR%/}" "$codename" "${DEBIAN_MIRROR%/}" "$codename-updates" \
          "${DEBIAN_MIRROR%/}-security" "$codename-security"
      done
    fi
    machine_sources | while read -r uri suite; do
      case $suite in
        *-security) newer=trixie-security ;;
        *-updates) newer=trixie-updates ;;
        *-*) continue ;;
        *) newer=trixie ;;
      esac
      printf '%s %s\n%s %s\n' "$uri" "$suite" "$uri" "$newer"
    done
  } | awk '!seen[$0]++' | while read -r uri suite; do
    if is_debian_source "$uri" "$suite"; then
      printf '%s %s\n' "$uri" "$suite"
    fi
  done
}

# signed_by URI : the keyring that the machine's source names for it, or nothing.
signed_by() {
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && cat "$file" && echo
  done | awk -v uri="$1" -v embedded="$work/embedded-key.asc" '
    function finish() {
      if (here && body != "") { printf "%s", body > embedded; keyring = embedded }
      if (here && keyring != "" && !done) { print keyring; done = 1 }
      here = 0; keyring = ""; body = ""; in_key = 0
    }
    /^[ \t]*$/ { finish(); next }
    /^deb / && index($0, uri) && match($0, /signed-by=[^] ]+/) {
      here = 1; keyring = substr($0, RSTART + 10, RLENGTH - 10); finish(); next
    }
    in_key && /^[ \t]/ { sub(/^[ \t]+/, ""); body = body ($0 == "." ? "" : $0) "\n"; next }
    { in_key = 0 }
    tolower($1) == "uris:" && index($0, uri) { here = 1 }
    tolower($1) == "signed-by:" { keyring = $2; in_key = ($2 == "") }
    END { finish() }'
}

# apt_line URI SUITE : the one-line source, with the machine's keyring where it names one.
apt_line() {
  keyring=$(signed_by "$1")
  printf 'deb %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$1" "$2"
}
