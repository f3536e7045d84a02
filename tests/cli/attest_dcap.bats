#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Attested by DCAP quotes: which evidence is chosen, what turns the verdict, and what an auditor can repeat.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/w
  export kept=$BATS_FILE_TMPDIR/kept
  start_world "$world"
  attest --evidence sgx --keep "$kept" --json >"$kept.json"
  cp -r "$(latest)" "$kept.archive" # before the world is turned
}

teardown_file() { stop_world "$world"; }

latest() { ls -td "$world"/broker/reports/*/ | head -n 1; }

# verify_archived FOLDER [REPORT-DATA]: as an auditor, with nothing but what the broker kept.
verify_archived() {
  "$quotary" verify "$1/quote.bin" --collateral "$1" --root "$1/root.pem" --policy "$1/policy.json" --json \
    --report-data "${2:-$(jq -r .report_data "$1/request.json")}" --at "$(jq -r .at "$1/request.json")"
}

# put_policy JQ-FILTER: the world's own policy, changed.
put_policy() {
  policy "$1" >"$BATS_TEST_TMPDIR/policy.json"
  "$quotary" broker secret --state "$world/broker" put $secret --policy "$BATS_TEST_TMPDIR/policy.json"
}

turn() { "$quotary" endorser "$1" --state "$world/endorser" "${@:2}"; }

ppid() { "$quotary" show --json "$kept/quote.bin" | jq -r '.. | .ppid? // empty'; }

@test "an ECDSA quote gets the same secret as an EPID quote" {
  [ "$(jq -r '"\(.verdict) \(.simulated) \(.received) \(.evidence)"' "$kept.json")" = "trusted true true sgx" ]
  [ "$(jq -r .group_id "$kept.json")" = null ]
  run attest --evidence epid --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .evidence)" = epid ]
  [ "$(echo "$output" | jq -r .secret_sha256)" = "$(jq -r .secret_sha256 "$kept.json")" ]
}

@test "for people: what was shown" {
  run attest --evidence sgx
  [ "$status" -eq 0 ]
  [[ $output == *"ECDSA quote (DCAP)"* ]]
}

@test "what the broker likes best is chosen: EPID where both are taken" {
  run attest --json
  [ "$(echo "$output" | jq -r .evidence)" = epid ]
}

@test "another kind of evidence is an error of usage" {
  run attest --evidence tpm
  [ "$status" -eq 2 ]
  [[ $output == *"epid, sgx or tdx"* ]]
}

@test "the kept messages are shown as what they are" {
  run "$quotary" show --json "$kept/msg3.bin"
  [ "$(echo "$output" | jq -r '"\(.kind) \(.quote.version) \(.quote.tee)"')" = "msg3 3 sgx" ]
  run "$quotary" show --json "$kept/msg0-msg1.bin"
  [ "$(echo "$output" | jq -r .group_id)" = 00000000 ]
}

@test "an auditor repeats the verdict from the archive" {
  run verify_archived "$kept.archive"
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r '"\(.verdict) \(.tcb_status)"')" = "trusted UpToDate" ]
  [ "$(jq -r '"\(.verdict) \(.tcb_status)"' "$kept.archive/verdict.json")" = "trusted UpToDate" ]
  # the same checks, after those that bound the quote to its session
  diff <(echo "$output" | jq -r '.checks[].id') \
    <(jq -r '.checks[].id' "$kept.archive/verdict.json" | sed '1,/^ps-sec-prop$/d')
  run verify_archived "$kept.archive" "$(printf '%0128d' 0)"
  [ "$status" -eq 1 ]
}

@test "the record of releases says by what evidence, and of which platform" {
  line=$(grep '"evidence":"sgx"' "$world/broker/releases.log" | head -n 1)
  [ "$(jq -r '"\(.status) \(.fmspc) \(.simulated)"' <<<"$line")" = "UpToDate 5153494d0002 true" ]
  [ "$(jq -r .pck_sha256 <<<"$line")" = "$("$quotary" show --json "$kept/quote.bin" | jq -r '[.. | .certificates? // empty] | .[0][0].sha256')" ]
  "$quotary" broker releases --state "$world/broker"
}

@test "a secret that is not there is refused like one that is denied, and its key list tells nothing" {
  run attest --evidence sgx --secret other/absent --json
  [ "$status" -eq 1 ]
  [ "$(echo "$output" | jq -r '"\(.verdict) \(.received)"')" = "refused false" ]
  for name in $secret other/absent other/absent; do
    printf '\0\0\0\0' | curl -sS --cacert "$(of_world broker_ca)" --data-binary @- \
      -H 'Content-Type: application/octet-stream' "$(of_world broker)/ra/v1/keys?secret=$name" | sha256sum
  done >"$BATS_TEST_TMPDIR/lists"
  [ "$(sort -u "$BATS_TEST_TMPDIR/lists" | wc -l)" -eq 1 ]
}

@test "a policy for DCAP alone: its quotes are chosen, and EPID's refused" {
  put_policy 'del(.statuses)'
  run attest --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .evidence)" = sgx ]
  run attest --evidence epid --json
  [ "$status" -eq 1 ]
  put_policy '.statuses = ["OK"]'
}

@test "a service that serves what is past takes nothing away" {
  turn expire tcb-info
  sleep 1.1
  run attest --evidence sgx
  [ "$status" -eq 0 ] # what was fetched before is still current
  turn expire --renew all
}

@test "after a TCB recovery the platform is out of date, and says so" {
  turn tcb-recovery --qe-svn 2 --advisory QUOTARY-SIM-7
  sleep 1.1
  run attest --evidence sgx --json
  [ "$status" -eq 1 ]
  [ "$(failed_checks | head -n 1)" = dcap-status ]
  [ "$(latest_verdict | jq -r '"\(.tcb_status) \(.advisory_ids[0])"')" = "OutOfDate QUOTARY-SIM-7" ]
  run attest --evidence epid
  [ "$status" -eq 0 ] # of the other world
  put_policy '.tcb_statuses = ["UpToDate", "OutOfDate"] | .advisories_waived = ["QUOTARY-SIM-7"]'
  run attest --evidence sgx
  [ "$status" -eq 0 ]
}

@test "a revoked PCK certificate ends it, whatever the policy accepts" {
  turn revoke-pck "$(ppid)"
  sleep 1.1
  run attest --evidence sgx --json
  [ "$status" -eq 1 ]
  failed_checks | grep -q revoked
  run verify_archived "$(latest)"
  [ "$status" -eq 1 ]
  run verify_archived "$kept.archive" # what was released before was right to be
  [ "$status" -eq 0 ]
}
