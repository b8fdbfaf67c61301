#!/bin/sh
# Shows `preflight check` on an example project that is not ready, and then one rule in full.
set -eu
preflight=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp -R "$here/project" "$scratch/widgets"
cd "$scratch/widgets"
git init --quiet
git remote add origin https://github.com/acme/widgets

echo '$ preflight check'
echo
code=0
"$preflight" check || code=$?
echo
echo "(exit code $code: the example fails on purpose)"
[ "$code" -eq 1 ]
echo
echo '$ preflight plan'
echo
"$preflight" plan
echo
echo '$ preflight explain repository-mismatch'
echo
"$preflight" explain repository-mismatch
