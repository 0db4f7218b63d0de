#!/usr/bin/env bash
# Builds Istio's pilot with the questions of main.go (10 minutes once, then kept) and prints the path of the program.
set -euo pipefail; cd "$(dirname "$0")"
out=${PILOT_CACHE:-$HOME/.cache/cdk8s-istio-pilot}/$({ go env GOVERSION GOOS GOARCH; cat go.mod go.sum main.go build.sh; } | sha256sum | cut -c1-12)
if [ ! -x "$out/pilot" ]; then
  CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -ldflags '-s -w' -o "$out/pilot" . >&2
fi
echo "$out/pilot"
