#!/bin/sh
# Plays a hospital's authority, to rehearse with: a root, an authority below it that issues, and the list of each.
set -eu
usage="usage: sh docs/examples/hospital-ca.sh [sign <request> <certificate>]   (without anything it makes ./hospital)"
ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
authority="basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash"
# a site is server on one leg and client on the other; its names come from the request
site="basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid"

# sign <issuer> <request> <certificate> <days> <extensions>
sign() {
  printf '%s\n' "$5" > "$3.ext"
  openssl x509 -req -in "$2" -CA "hospital/$1.crt" -CAkey "hospital/$1.key" -days "$4" \
    -copy_extensions copy -extfile "$3.ext" -out "$3"
  rm "$3.ext"
}

# list <issuer>
list() {
  printf '%s\n' "[ca]" "default_ca=all" "[all]" "database=hospital/$1.index" "crlnumber=hospital/$1.number" \
    > hospital/ca.cnf
  : > "hospital/$1.index"
  echo 01 > "hospital/$1.number"
  openssl ca -gencrl -config hospital/ca.cnf -md sha256 -crldays 30 \
    -cert "hospital/$1.crt" -keyfile "hospital/$1.key" -out "hospital/$1.crl"
}

case $#,${1:-} in
  0,)
    mkdir -p hospital
    # shellcheck disable=SC2086
    openssl req -x509 $ec -subj "/O=CHU X/CN=CHU X root" -days 3650 -keyout hospital/root.key -out hospital/root.crt \
      -addext "keyUsage=critical,keyCertSign,cRLSign"
    # shellcheck disable=SC2086
    openssl req -new $ec -subj "/O=CHU X/CN=CHU X machines" -keyout hospital/machines.key -out hospital/machines.csr
    sign root hospital/machines.csr hospital/machines.crt 1825 "$authority"
    list root
    list machines
    ;;
  3,sign) sign machines "$2" "$3" 397 "$site" ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
