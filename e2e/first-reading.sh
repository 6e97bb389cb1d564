#!/usr/bin/env bash
# The first reading, as a stranger would type it: enrol an asset with openssl and curl, report with
# mosquitto_pub, ask by REST; then what must be refused, renewal, and revocation.
#
#   ./muster server &            # in one terminal
#   e2e/first-reading.sh         # in another; MUSTER_DATA_DIR names the server's data directory (.muster)
#
# Needs: openssl, curl, mosquitto-clients, python3 (to read JSON). Ends with 0 when every line says ok.
set -euo pipefail

data=${MUSTER_DATA_DIR:-.muster}
asset=${1:-first-$RANDOM$RANDOM}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

json() { python3 -c 'import json,sys; v=json.load(sys.stdin)
for k in sys.argv[1:]: v = v[int(k)] if isinstance(v, list) else v[k]
print(v if isinstance(v, str) else json.dumps(v))' "$@"; }
ok() { printf 'ok    %s\n' "$*"; }
fail() { printf 'FAIL  %s\n' "$*" >&2; exit 1; }
expect() { # what, wanted, found
  case $3 in *"$2"*) ok "$1" ;; *) fail "$1: wanted \"$2\", found \"$3\"" ;; esac
}
eventually() { # what, wanted, command...: tried for 20 s
  local what=$1 wanted=$2 found=; shift 2
  for _ in $(seq 1 100); do
    found=$("$@" 2>&1) && [ "$found" = "$wanted" ] && { ok "$what"; return; }
    sleep 0.2
  done
  fail "$what: wanted \"$wanted\", found \"$found\""
}

http=$(json http <"$data/run/server.json")
device=$(json device <"$data/run/server.json")
mqtt=$(json mqtt <"$data/run/server.json")
host=${mqtt%:*} port=${mqtt##*:}
token=$(cat "$data/admin.token")
api() { curl -sS --fail-with-body -H "Authorization: Bearer $token" "$@"; }

# 1. A claim token for one sensor: its secret is shown once.
claim=$(api -H 'Content-Type: application/json' -d '{"type":"sensor","uses":1,"labels":{"line":"7"}}' \
  "$http/api/v1/claim-tokens" | json token)
ok "claim token made"

# 2. The CA, and whether it is the one the claim token was made for (its last part is the pin of the root's key).
curl -sS -k "$device/.well-known/est/cacerts" | base64 -d \
  | openssl pkcs7 -inform DER -print_certs -out "$work/ca.pem"
pin_of_root() {
  python3 - "$work/ca.pem" <<'PY'
import base64, hashlib, re, subprocess, sys
for pem in re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", open(sys.argv[1]).read(), re.S):
    names = subprocess.run(["openssl", "x509", "-noout", "-subject", "-issuer", "-nameopt", "RFC2253"],
                           input=pem, capture_output=True, text=True, check=True).stdout.splitlines()
    if names[0].split("=", 1)[1] == names[1].split("=", 1)[1]:
        key = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=pem, capture_output=True, text=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.encode(), capture_output=True).stdout
        print(base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("="))
PY
}
expect "the CA is the one that the claim token names" "${claim##*.}" "$(pin_of_root)"

# 3. A key that never leaves this machine, a request, a certificate.
openssl ecparam -name prime256v1 -genkey -noout -out "$work/key.pem"
openssl req -new -key "$work/key.pem" -subj "/CN=$asset" -outform DER -out "$work/csr.der"
enrol() { # where, further curl arguments
  local where=$1; shift
  base64 "${csr:-$work/csr.der}" | curl -sS --fail-with-body --cacert "$work/ca.pem" -H 'Content-Type: application/pkcs10' \
    -H 'Content-Transfer-Encoding: base64' --data-binary @- "$@" "$device/.well-known/est/$where"
}
enrol simpleenroll -u "$asset:$claim" | base64 -d | openssl pkcs7 -inform DER -print_certs -out "$work/cert.pem"
expect "openssl verifies the certificate" OK "$(openssl verify -CAfile "$work/ca.pem" "$work/cert.pem")"
expect "it names the asset" "urn:muster:asset:$asset" "$(openssl x509 -in "$work/cert.pem" -noout -ext subjectAltName)"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/other.pem" \
  -subj "/CN=other-$asset" -outform DER -out "$work/other.der" 2>/dev/null
expect "a used claim token is refused" 403 \
  "$(csr=$work/other.der enrol simpleenroll -u "other-$asset:$claim" -o /dev/null -w '%{http_code}' 2>&1 || true)"
serial() { openssl x509 -in "$work/cert.pem" -noout -serial | cut -d= -f2 | tr A-F a-f; }

# 4. Report: telemetry now, an event, a log, a position, a backlog.
pub() { mosquitto_pub -h "$host" -p "$port" --cafile "$work/ca.pem" --cert "$work/cert.pem" --key "$work/key.pem" -q 1 "$@"; }
now=$(date +%s)000
pub -t "assets/$asset/heartbeat" -m '{}'
pub -t "assets/$asset/telemetry" -m "{\"ts\":$now,\"values\":{\"temperature\":294.15,\"humidity\":0.41}}"
pub -t "assets/$asset/events" -m "{\"ts\":$now,\"type\":\"door-opened\",\"severity\":\"info\",\"message\":\"front door\"}"
pub -t "assets/$asset/logs" -m "[{\"ts\":$now,\"severity\":\"warn\",\"body\":\"battery is at 20%\"}]"
pub -t "assets/$asset/position" -m "{\"ts\":$now,\"lat\":52.52,\"lon\":13.405,\"speed\":0}"
python3 -c "import json; print(json.dumps([{'ts': $now - 60000 * i, 'values': {'temperature': 290.0 + i}} for i in range(1, 31)]))" \
  | pub -t "assets/$asset/telemetry" -s
ok "telemetry, event, log, position and a backlog of 30 acknowledged"

# 5. Ask.
length() { python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'; }
readings() { api "$http/api/v1/assets/$asset/telemetry?metrics=temperature&from=$1" | json series 0 points | length; }
count() { api "$http/api/v1/assets/$asset/$1" | json items | length; }
from=$((now - 3600000))
eventually "31 readings of temperature are found" 31 readings "$from"
eventually "the event is found" 1 count "events?from=$from"
eventually "the log is found" 1 count "logs?from=$from"
eventually "the position is found" 1 count "positions?from=$from"
expect "the registry knows the asset, its type and the label that the token granted" '"line": "7"' "$(api "$http/api/v1/assets/$asset" | json labels)"

# 6. What is not its own is refused, with the code of MQTT 5 that says why.
foreign=$(pub -V 5 -d -t "assets/not-$asset/telemetry" -m '{"temperature":1}' 2>&1 || true)
expect "a foreign topic is refused with 0x87, not authorized" "RC:135" "$foreign"
wildcard=$(mosquitto_sub -V 5 -d -W 5 -h "$host" -p "$port" --cafile "$work/ca.pem" --cert "$work/cert.pem" --key "$work/key.pem" -q 1 -t 'assets/#' 2>&1 || true)
expect "a wildcard is refused with 0xA2, wildcard subscriptions not supported" "162" "$wildcard"

# 7. Renew with the certificate itself; the new one works.
old=$(serial)
enrol simplereenroll --cert "$work/cert.pem" --key "$work/key.pem" | base64 -d \
  | openssl pkcs7 -inform DER -print_certs -out "$work/renewed.pem"
mv "$work/renewed.pem" "$work/cert.pem"
[ "$(serial)" != "$old" ] || fail "the renewed certificate has the old serial $old"
pub -t "assets/$asset/heartbeat" -m '{}'
ok "renewed; the new certificate is accepted"

# 8. Revoke: the live session ends, the next is refused.
stdbuf -oL mosquitto_sub -V 5 -h "$host" -p "$port" --cafile "$work/ca.pem" --cert "$work/cert.pem" --key "$work/key.pem" \
  -q 1 -t "assets/$asset/commands" -d >"$work/session.log" 2>&1 &
session=$!
lifecycle() { api "$http/api/v1/assets/$asset" | json lifecycle; }
eventually "the asset is active since its first reading" active lifecycle
presence() { api "$http/api/v1/assets/$asset" | json presence; }
eventually "the asset is online" online presence
api -X POST -H 'Content-Type: application/json' -d '{"reason":"lost"}' "$http/api/v1/certificates/$(serial)/revoke" >/dev/null
cut() { grep -q 'Received DISCONNECT (152)' "$work/session.log" && echo cut; }
eventually "the live session is cut off with 0x98, administrative action" cut cut
eventually "the asset is offline" offline presence
kill "$session" 2>/dev/null || true
if pub -t "assets/$asset/heartbeat" -m '{}' >"$work/refused.log" 2>&1; then
  fail "a revoked certificate was let in"
fi
ok "the revoked certificate is refused: $(tail -1 "$work/refused.log")"
expect "the audit trail names who revoked" certificate.revoke "$(api "$http/api/v1/audit?action=certificate.revoke")"
printf 'done: %s lived from enrolment to revocation\n' "$asset"
