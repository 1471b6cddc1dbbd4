# Remembers one setting in the project's .env, which Compose reads too. Needs $project.

# remembered NAME : the value in .env, or nothing.
remembered() {
  [ -f "$project/.env" ] || return 0
  sed -n "s/^$1=//p" "$project/.env" | tail -n 1 | tr -d "\"'\r"
}

# remember NAME VALUE : touches that line only; writing into the file keeps its mode and its owner.
remember() {
  [ "$(remembered "$1")" != "$2" ] || return 0
  [ -f "$project/.env" ] || : >"$project/.env"
  changed=$(mktemp)
  awk -v name="$1" -v value="$2" '
    index($0, name "=") == 1 { if (!done) print name "=" value; done = 1; next }
    { print }
    END { if (!done) print name "=" value }' "$project/.env" >"$changed"
  cat "$changed" >"$project/.env"
  rm -f "$changed"
}
