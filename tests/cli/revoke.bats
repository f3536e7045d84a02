#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The endorser's levers: what it requires of platforms, and what it revokes. One world with two machines: its own, at the
# newest microcode level, and an older one. The tests build on each other: lists only grow, and so does what is required.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/w
  export endorser=$world/endorser
  export old=$BATS_FILE_TMPDIR/old
  start_world "$world"
  "$quotary" platform init --state "$old" --endorser "$endorser" --level 3 --record "$old.record"
  "$quotary" endorser enroll --state "$endorser" "$old.record"
  start_old
}

teardown_file() {
  stop_old
  stop_world "$world"
}

start_old() {
  : >"$old.socket"
  "$quotary" platform serve --state "$old" --socket "$old.sock" --images "$endorser/public/images" \
    --provisioning "$(of_world endorser)" >"$old.socket" 2>"$old.log" 3>&- &
  echo $! >"$old.pid"
  eventually 120 test -s "$old.socket"
}

stop_old() {
  local tree
  tree=$(descendants "$(cat "$old.pid")")
  kill -TERM "$(cat "$old.pid")"
  eventually 60 all_gone $tree
}

# put_policy FILTER: the world's secret under a changed policy.
put_policy() {
  policy "$1" >"$BATS_TEST_TMPDIR/policy.json"
  "$quotary" broker secret --state "$world/broker" put "$secret" --policy "$BATS_TEST_TMPDIR/policy.json"
}

# refused_with STATUS [OPTION...]: an attestation that the broker refuses for the report's status. $output: its JSON.
refused_with() {
  local expected=$1; shift
  run attest --json "$@"
  [ "$status" -eq 1 ] || { echo "exit $status: $output"; return 1; }
  [ "$(echo "$output" | jq -r '"\(.verdict) \(.received)"')" = "refused false" ]
  [ "$(latest_verdict | jq -r .status)" = "$expected" ] || { latest_verdict | jq .status; return 1; }
  [ "$(failed_checks | head -n 1)" = avr-status ] || { failed_checks; return 1; }
}

# What the platform info in $output says, from the file that it is.
platform_info() {
  echo "$output" | jq -r .platform_info >"$BATS_TEST_TMPDIR/info.hex"
  "$quotary" show --json "$BATS_TEST_TMPDIR/info.hex"
}

@test "both machines are of one endorser, in groups of their own level" {
  run attest --json
  [ "$status" -eq 0 ]
  new_group=$(echo "$output" | jq -r .group_id)
  run "$quotary" platform describe --socket "$old.sock" --json
  [ "$(echo "$output" | jq -r .processor.level)" -eq 3 ]
  refused_with GROUP_OUT_OF_DATE --platform "simulated:$old.sock" --keep "$BATS_FILE_TMPDIR/kept-old"
  [ "$(echo "$output" | jq -r .group_id)" != "$new_group" ]
}

@test "an old CPUSVN: GROUP_OUT_OF_DATE, and a signed platform info blob says what to do" {
  refused_with GROUP_OUT_OF_DATE --platform "simulated:$old.sock"
  info=$(platform_info)
  [ "$(echo "$info" | jq -r .kind)" = platform-info ]
  echo "$info" | jq -e '.says | any(test("CPUSVN out of date"))'
  latest_verdict | jq -e '.checks[] | select(.id == "platform-info-signature") | .outcome == "held"'
  [ "$(echo "$info" | jq -r .latest_cpu_svn)" = "$(jq -r '.[3].cpu_svn' "$endorser/public/tcb-levels.json")" ]
  run attest --platform "simulated:$old.sock"
  [ "$status" -eq 1 ]
  [[ $output == *"CPUSVN out of date: microcode or BIOS update"* ]]
}

@test "updated and started again, the machine gets a key of its new level" {
  stop_old
  run "$quotary" platform update --state "$old" --level 2
  [ "$status" -ne 0 ]
  "$quotary" platform update --state "$old" --level 5
  start_old
  run attest --platform "simulated:$old.sock" --json
  [ "$status" -eq 0 ] || { echo "$output"; cat "$old.log"; false; }
  [ "$(latest_verdict | jq -r .status)" = OK ]
}

@test "SW_HARDENING_NEEDED with an advisory; a policy that waives it releases" {
  "$quotary" endorser require --state "$endorser" --say SW_HARDENING_NEEDED --advisory INTEL-SA-00334
  refused_with SW_HARDENING_NEEDED
  [ "$(latest_verdict | jq -c .advisories)" = '["INTEL-SA-00334"]' ]
  put_policy '.statuses = ["OK", "SW_HARDENING_NEEDED"]'
  run attest --json
  [ "$status" -eq 1 ]
  [ "$(failed_checks)" = avr-advisories-waived ]
  put_policy '.statuses = ["OK", "SW_HARDENING_NEEDED"] | .advisories_waived = ["INTEL-SA-00334"]'
  run attest --json
  [ "$status" -eq 0 ]
}

@test "a leaked member key: KEY_REVOKED is for its signatures, others of the group go on" {
  group=$(attest --json | jq -r .group_id)
  "$quotary" endorser issue-member --state "$endorser" --group "$group" --out "$BATS_TEST_TMPDIR/member"
  [ "$(stat -c '%a %s' "$BATS_TEST_TMPDIR/member/mprivkey.dat")" = "600 144" ]
  for pair in "pubkey.bin:group key" cacert.bin:CA privrl.bin:PrivRL sigrl.bin:SigRL grouprl.bin:GroupRL; do
    [[ "$("$quotary" show --json "$BATS_TEST_TMPDIR/member/${pair%%:*}" | jq -r .content)" == *"${pair#*:}"* ]] || { echo "$pair"; false; }
  done
  "$quotary" endorser revoke --state "$endorser" key "$BATS_TEST_TMPDIR/member/mprivkey.dat"
  run "$quotary" show --json "$endorser/public/groups/$group/privrl.bin"
  [ "$(echo "$output" | jq -r '"\(.entries) \(.version)"')" = "1 1" ]
  run "$quotary" endorser revoke --state "$endorser" key "$BATS_TEST_TMPDIR/member/mprivkey.dat"
  [ "$status" -eq 3 ]
  [[ $output == *already* ]]
  run attest --json
  [ "$status" -eq 0 ]
}

@test "what is no member key, no quote, no group, is not revoked" {
  run "$quotary" endorser revoke --state "$endorser" key "$endorser/public/pib.pem"
  [ "$status" -eq 3 ]
  run "$quotary" endorser revoke --state "$endorser" signature "$endorser/public/pib.pem"
  [ "$status" -eq 3 ]
  run "$quotary" endorser revoke --state "$endorser" group 00000001
  [ "$status" -eq 3 ]
  [[ $output == *"there is no group 00000001"* ]]
  run "$quotary" endorser revoke --state "$endorser" group 1
  [ "$status" -eq 2 ]
}

@test "an old quoting enclave: GROUP_OUT_OF_DATE, and nothing lowers what is required" {
  "$quotary" endorser require --state "$endorser" --level 5 --qe-svn 2
  refused_with GROUP_OUT_OF_DATE
  platform_info | jq -e '(.says | any(test("quoting enclave out of date"))) and .latest_qe_svn == 2'
  for lower in "--qe-svn 1" "--level 4"; do
    run "$quotary" endorser require --state "$endorser" $lower
    [ "$status" -ne 0 ]
    [[ $output == *"raised, not lowered"* ]]
  done
  run "$quotary" endorser require --state "$endorser" --level 9
  [ "$status" -eq 2 ]
}

@test "whoever made a revoked signature is told that it is revoked, under the list that the broker got anew" {
  attest --platform "simulated:$old.sock" --keep "$BATS_TEST_TMPDIR/kept" --json >/dev/null || true
  "$quotary" endorser revoke --state "$endorser" signature "$BATS_TEST_TMPDIR/kept/quote.bin"
  run attest --platform "simulated:$old.sock" --json
  [ "$status" -eq 1 ]
  [[ $output == *quoting-member-revoked* ]]
  [[ $output == *"revokes this platform"* ]]
  # The other machine of the group proves that it is another one.
  refused_with GROUP_OUT_OF_DATE --keep "$BATS_TEST_TMPDIR/other"
  [ "$("$quotary" show --json "$BATS_TEST_TMPDIR/other/msg2.bin" | jq -r .sigrl.entries)" -eq 1 ]
  [ "$("$quotary" show --json "$BATS_TEST_TMPDIR/other/quote.bin" | jq -r .sealed_epid_signature.non_revocation_proofs)" -eq 1 ]
}

@test "a machine taken out of the register is not given a key" {
  ppid=$(jq -r .ppid "$old.record")
  "$quotary" endorser revoke --state "$endorser" platform "$ppid"
  stop_old
  rm "$old/epid.blob"
  start_old
  run attest --platform "simulated:$old.sock"
  [ "$status" -ne 0 ]
  grep -q endorser-platform-revoked "$world/logs/endorser.log"
  [[ $output == *revoked* ]]
}

@test "a revoked group: GROUP_REVOKED, with the reason" {
  group=$(attest --json | jq -r .group_id)
  "$quotary" endorser revoke --state "$endorser" group "$group" --reason 1
  refused_with GROUP_REVOKED
  platform_info | jq -e '.says | any(test("EPID group revoked"))'
  run "$quotary" endorser revoke --state "$endorser" group "$group"
  [ "$status" -eq 3 ]
  [[ $output == *already* ]]
}

@test "what was revoked and required stays so when the world starts again" {
  stop_world "$world"
  start_world "$world"
  run attest --json
  [ "$status" -eq 1 ]
  [ "$(jq -r .required.qe_svn "$endorser/public/tcb.json")" -eq 2 ]
}
