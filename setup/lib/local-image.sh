# Makes $LOCAL_IMAGE, a stand-in for the official Node image, from Debian's packages and Node's npm package.

make_local_image() {
  is_debian_family || fail "no base image here, and only a Debian machine can make one" \
    "bring one with \"docker load\" and set BASE_IMAGE, as docs/air-gapped.md shows"
  is_root || fail "no base image here, and only root can make one" "run \"sudo npm start\""
  command -v npm >/dev/null || fail "npm is not on PATH, and Node for the base image comes with it" "install npm"
  work=$(mktemp -d /var/tmp/base-image.XXXXXX)
  trap remove_work EXIT
  trap 'exit 130' INT TERM
  tree=$work/tree
  ask_architecture
  say "making $LOCAL_IMAGE from Debian's packages and Node's npm package (about a minute)"
  make_debian_tree
  add_node
  import_tree
  remove_work
}

# Asked of the engine: it may run elsewhere than this script.
ask_architecture() {
  architecture=$(docker version --format '{{.Server.Arch}}')
  case $architecture in
    amd64) node_architecture=x64 ;;
    arm64) node_architecture=arm64 ;;
    *) fail "no Node 24 for the architecture $architecture of the docker engine" "use an amd64 or arm64 machine" ;;
  esac
  if [ "$architecture" != "$(dpkg --print-architecture)" ]; then
    fail "cannot make an $architecture base image on $(dpkg --print-architecture)" \
      "bring one with \"docker load\" and set BASE_IMAGE"
  fi
}

add_node() {
  for package in "node-linux-$node_architecture@24" npm@11; do
    (cd "$work" && logged npm pack --loglevel error "$package") ||
      fail "npm pack $package failed" "mend npm's registry or proxy until \"npm view $package\" works"
  done
  local_tree=$tree/usr/local
  mkdir -p "$work/node" "$local_tree/lib/node_modules/npm" "$local_tree/etc"
  tar -xzf "$work"/node-linux-*.tgz -C "$work/node" --strip-components=1
  install -m 755 "$work/node/bin/node" "$local_tree/bin/node"
  tar -xzf "$work"/npm-*.tgz -C "$local_tree/lib/node_modules/npm" --strip-components=1 --no-same-owner
  rm -rf "$local_tree/lib/node_modules/npm/docs" "$local_tree/lib/node_modules/npm/man"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$local_tree/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$local_tree/bin/npx"
  ln -s node "$local_tree/bin/nodejs"
  # A hospital's own npm mirror serves the builds too; passwords stay where they are.
  printf 'registry=%s\nupdate-notifier=false\n' "$(npm config get registry 2>/dev/null)" >"$local_tree/etc/npmrc"
  cat >"$local_tree/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
# As in the official image: what is no command is an argument of node.
set -e
if [ "${1#-}" != "$1" ] || ! command -v "$1" >/dev/null; then
  set -- node "$@"
fi
exec "$@"
EOF
  chmod 755 "$local_tree/bin/docker-entrypoint.sh"
}

import_tree() {
  tar -C "$tree" --numeric-owner --one-file-system -cf "$work/tree.tar" .
  docker import --platform "linux/$architecture" \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt" \
    --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["node"]' \
    --message "made by mllp-safetunnel" "$work/tree.tar" "$LOCAL_IMAGE" >>"$SETUP_LOG"
  version=$(docker run --rm --network none "$LOCAL_IMAGE" node -p process.version 2>&1) || true
  case $version in
    v24.*) ;;
    *)
      docker image rm "$LOCAL_IMAGE" >/dev/null 2>&1 || true
      fail "the base image that was made does not run Node 24: $version" "see $SETUP_LOG"
      ;;
  esac
}

# debootstrap leaves its mounts behind when it is interrupted, and rm must never follow them.
remove_work() {
  awk -v tree="$tree/" 'index($2, tree) == 1 { print $2 }' /proc/mounts | sort -r |
    while read -r mounted; do
      umount "$mounted" || umount -l "$mounted"
    done
  rm -rf --one-file-system "$work"
}
