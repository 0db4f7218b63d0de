#!/usr/bin/env bash
# KUBE_BIN=<dir> kube-up.sh <state dir> [base port]: writes <state dir>/kubeconfig, tokens.csv, pids; stop: kill -9 $(cat <state dir>/pids)
set -euo pipefail
B=${KUBE_BIN:?}; P=${2:-26440}; H=127.0.0.1; S=https://$H:$((P+2)); ISS=https://kubernetes.default.svc
rm -rf "${1:?}"; mkdir -p "$1"; D=$(cd "$1" && pwd); T=$(openssl rand -hex 16); : > "$D/pids"
openssl genrsa -out "$D/sa.key" 2048 2>/dev/null
printf '%s,admin,1,"system:masters"\nplain-%s,plain,2,"dev"\n' $T $T > "$D/tokens.csv" # a user without rights, for RBAC tests
bg() { local n=$1; shift; "$B/$n" "$@" >"$D/$n.log" 2>&1 & echo $! >> "$D/pids"; }
die() { tail -n 5 "$D"/*.log >&2; kill -9 $(cat "$D/pids") 2>/dev/null; exit 1; }
wait_ok() { local i p; for i in $(seq 600); do for p in $(cat "$D/pids"); do kill -0 $p 2>/dev/null || die; done
  curl -sf -o /dev/null --cacert "$D/apiserver.crt" -H "Authorization: Bearer $T" "$S$1" && return; sleep 0.1; done; die; }
bg etcd --name lab --data-dir "$D/etcd" --unsafe-no-fsync --log-level warn --listen-client-urls http://$H:$P --advertise-client-urls http://$H:$P \
  --listen-peer-urls http://$H:$((P+1)) --initial-advertise-peer-urls http://$H:$((P+1)) --initial-cluster lab=http://$H:$((P+1))
bg kube-apiserver --etcd-servers http://$H:$P --bind-address $H --advertise-address $H --secure-port $((P+2)) --cert-dir "$D" \
  --token-auth-file "$D/tokens.csv" --authorization-mode RBAC --service-account-issuer $ISS --api-audiences $ISS --service-account-key-file "$D/sa.key" \
  --service-account-signing-key-file "$D/sa.key" --service-cluster-ip-range 10.96.0.0/16 --allow-privileged=true --endpoint-reconciler-type none --profiling=false
cat > "$D/kubeconfig" <<K
{"apiVersion": "v1", "kind": "Config", "current-context": "admin", "clusters": [{"name": "lab", "cluster": {"server": "$S", "certificate-authority": "$D/apiserver.crt"}}],
 "users": [{"name": "admin", "user": {"token": "$T"}}, {"name": "plain", "user": {"token": "plain-$T"}}],
 "contexts": [{"name": "admin", "context": {"cluster": "lab", "user": "admin"}}, {"name": "plain", "context": {"cluster": "lab", "user": "plain"}}]}
K
wait_ok /readyz
bg kube-controller-manager --kubeconfig "$D/kubeconfig" --service-account-private-key-file "$D/sa.key" --root-ca-file "$D/apiserver.crt" \
  --leader-elect=false --secure-port 0 --controllers "${KUBE_CONTROLLERS:-*,-node-lifecycle-controller}"
wait_ok /api/v1/namespaces/default/serviceaccounts/default # Pods need it; the controller-manager makes it
