#!/usr/bin/env bash
# Packaging/quickstart.sh
#
# Installs what the build and the demo need, builds the programs as they are shipped, and runs the demo: a gateway and a node on
# loopback, and clawnode-demo/report.html. May be run again at any time; arguments go to clawnode-demo.
set -euo pipefail
cd "$(dirname "$0")/.."

Packaging/dependencies build demo

options=(--configuration release --static-swift-stdlib)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Building, which takes a few minutes the first time …"
for program in clawnode clawnode-media clawnode-encode clawnode-demo; do
    if ! swift build "${options[@]}" --product "$program" >"$log" 2>&1; then
        cat "$log"
        exit 1
    fi
done
rm -f "$log" # a program that takes this one's place runs no trap
exec "$(swift build "${options[@]}" --show-bin-path)/clawnode-demo" "$@"
