#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The endorser's DCAP side from the command line: served over HTTP, turned against itself while it runs.
load common

setup_file() {
  cd "$BATS_FILE_TMPDIR"
  "$quotary" endorser init --state endorser >init
  "$quotary" platform init --state machine --endorser endorser --record record.json --kind client >/dev/null
  "$quotary" endorser enroll --state endorser record.json >/dev/null
  "$quotary" endorser serve --state endorser --ready-fd 4 4>ready >serve.log 2>&1 3>&- &
  echo $! >pid
  said_url() { [[ $(cat ready) == http://* ]]; }
  eventually 30 said_url
}

teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/pid")"; }
setup() { cd "$BATS_FILE_TMPDIR"; }

pcs() { curl -sS -f "$(cat ready)/$1/certification/v4/$2"; }
turn() { "$quotary" endorser "$@" --state endorser; }

@test "collateral is served" {
  [ "$(pcs sgx fmspcs | jq -r '.[].platform' | tr '\n' ' ')" = "client E5 " ]
  [ "$(pcs tdx 'tcb?fmspc=5153494d0002' | jq -r .tcbInfo.id)" = TDX ]
  pcs sgx 'pckcrl?ca=platform&encoding=der' | openssl crl -inform DER -noout -issuer | grep -q 'Simulated SGX PCK Platform CA'
  openssl x509 -in endorser/public/dcap/root-ca.pem -noout -subject | grep -q 'Simulated SGX Root CA'
}

@test "a TCB recovery is served at once" {
  run turn tcb-recovery --qe-svn 2 --advisory QUOTARY-SIM-1 --standard-after 0
  [ "$status" -eq 0 ]
  [[ $output == *"18"* ]]
  [ "$(pcs sgx qe/identity | jq -r '.enclaveIdentity.tcbLevels[1] | .tcbStatus + .advisoryIDs[0]')" = OutOfDateQUOTARY-SIM-1 ]
  run turn tcb-recovery --qe-svn 1
  [ "$status" -ne 0 ]
  run turn tcb-recovery --level 0
  [ "$status" -eq 2 ]
  run turn tcb-recovery --say Revoked
  [ "$status" -eq 2 ]
}

@test "revoked certificates are on the list" {
  run turn revoke-pck "$(jq -r .ppid record.json)"
  [ "$status" -eq 0 ]
  [ "$(pcs sgx 'pckcrl?ca=processor' | openssl crl -noout -text | grep -c 'Serial Number')" -eq 5 ]
  run turn revoke-pck tcb-signing
  [ "$status" -eq 0 ]
  curl -sS "$(cat ready)/IntelSGXRootCA.der" | openssl crl -inform DER -noout -text | grep -q 'Serial Number'
  run turn revoke-pck nobody
  [ "$status" -eq 2 ]
  run turn revoke-pck 00112233445566778899aabbccddeeff
  [ "$status" -ne 0 ]
}

@test "what expired is past, until it is renewed" {
  run turn expire identity
  [ "$status" -eq 0 ]
  [[ $(pcs sgx qe/identity | jq -r .enclaveIdentity.nextUpdate) < $(date -u +%FT%TZ) ]]
  run turn expire --renew all
  [ "$status" -eq 0 ]
  [[ $(pcs sgx qe/identity | jq -r .enclaveIdentity.nextUpdate) > $(date -u +%FT%TZ) ]]
  run turn expire toaster
  [ "$status" -eq 2 ]
}
