#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# quote asks the machine itself or a simulated one; where it cannot, it says what would mend that.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/world
  start_world "$world"
}
teardown_file() { stop_world "$world"; }

on_a_real_machine() { [ -e /dev/attestation/quote ] || [ -d /sys/kernel/config/tsm/report ]; }

@test "a simulated machine quotes what it is told: by its folder, by its socket, of its own accord" {
  "$quotary" quote --platform "simulated:$world" --report-data 0a0b --out "$BATS_TEST_TMPDIR/q1" --json >"$BATS_TEST_TMPDIR/said"
  jq -e '.platform == "simulated" and .simulated == true' "$BATS_TEST_TMPDIR/said"
  "$quotary" show --json "$BATS_TEST_TMPDIR/q1" >"$BATS_TEST_TMPDIR/shown"
  jq -e '.kind == "dcap-quote" and .tee == "sgx" and .report_body.debug == false' "$BATS_TEST_TMPDIR/shown"
  [[ $(jq -r '.report_body.report_data' "$BATS_TEST_TMPDIR/shown") == 0a0b$(printf '0%.0s' {1..124}) ]]
  run "$quotary" quote --platform "simulated:$world/platform.sock" --report-data 0c --out "$BATS_TEST_TMPDIR/q2"
  [ "$status" -eq 0 ]
  [[ $output == *"simulated machine behind $world/platform.sock"* ]]
  # the enclave that reports is the same, and no signer answers for it
  "$quotary" show --json "$BATS_TEST_TMPDIR/q2" >"$BATS_TEST_TMPDIR/shown2"
  of() { jq -r ".report_body.$1" "$BATS_TEST_TMPDIR/$2"; }
  [ "$(of mrenclave shown)" = "$(of mrenclave shown2)" ]
  [ "$(of mrsigner shown)" != "$(of mrsigner shown2)" ]
  on_a_real_machine && skip "auto takes the real machine here"
  run "$quotary" quote --report-data 0c --out "$BATS_TEST_TMPDIR/q3"
  [ "$status" -eq 0 ] || [[ $output == *"several quotary up"* ]] # another test's world may be up
}

@test "simulated quotes of both kinds, in every version" {
  for pair in sgx:3 sgx:4 sgx:5 tdx:4 tdx:5; do
    tee=${pair%%:*} version=${pair#*:}
    run "$quotary" quote --platform "simulated:$world" --evidence $tee --quote-version $version --report-data 77 \
      --out "$BATS_TEST_TMPDIR/$pair" --json
    [ "$status" -eq 0 ] || { echo "$pair: $output"; false; }
    [ "$(echo "$output" | jq -r .evidence)" = $tee ]
    "$quotary" show --json "$BATS_TEST_TMPDIR/$pair" >"$BATS_TEST_TMPDIR/shown"
    [ "$(jq -r '"\(.tee) \(.version)"' "$BATS_TEST_TMPDIR/shown")" = "$tee $version" ]
    [ "$(jq -r '(.report_body // .td).report_data[0:4]' "$BATS_TEST_TMPDIR/shown")" = 7700 ]
  done
  run "$quotary" quote --platform "simulated:$world" --evidence tdx --quote-version 3 --report-data 77 --out "$BATS_TEST_TMPDIR/none"
  [ "$status" -eq 2 ]
  [[ $output == *"4 to 5"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "a folder without a running machine is named" {
  run "$quotary" quote --platform "simulated:$BATS_TEST_TMPDIR" --report-data 00 --out "$BATS_TEST_TMPDIR/quote"
  [ "$status" -eq 3 ]
  [[ $output == *"$BATS_TEST_TMPDIR/platform.sock"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/quote" ]
}

@test "a device that is not there is named with its folder" {
  on_a_real_machine && skip "this machine makes quotes"
  run "$quotary" quote --platform gramine --report-data 00 --out "$BATS_TEST_TMPDIR/quote"
  [ "$status" -eq 3 ]
  [[ $output == */dev/attestation* ]]
  run "$quotary" quote --platform tsm --report-data 00 --out "$BATS_TEST_TMPDIR/quote"
  [ "$status" -eq 3 ]
  [[ $output == */sys/kernel/config/tsm/report* ]]
}

@test "the command line is checked before the machine is asked" {
  run "$quotary" quote --report-data 0 --out x
  [ "$status" -eq 2 ]
  run "$quotary" quote --report-data "$(printf '00%.0s' {1..65})" --out x
  [ "$status" -eq 2 ]
  run "$quotary" quote --report-data zz --out x
  [ "$status" -eq 2 ]
  run "$quotary" quote --evidence epid --report-data 00 --out x
  [ "$status" -eq 2 ]
  [[ $output == *"sgx or tdx"* ]]
  run "$quotary" quote --quote-version 2 --report-data 00 --out x
  [ "$status" -eq 2 ]
  for option in "--evidence sgx" "--quote-version 5"; do
    run "$quotary" quote --platform tsm $option --report-data 00 --out x
    [ "$status" -eq 2 ]
  done
  run "$quotary" quote --platform sev --report-data 00 --out x
  [ "$status" -eq 2 ]
  [[ $output == *"auto, gramine, tsm, simulated:DIR"* ]]
  run "$quotary" quote --platform simulated: --report-data 00 --out x
  [ "$status" -eq 2 ]
  [[ $output == *"needs a folder"* ]]
  run "$quotary" quote --report-data 00
  [ "$status" -eq 2 ]
}

@test "doctor says of each device what is missing and its mend" {
  json=$("$quotary" doctor --json)
  [ "$(echo "$json" | jq '.platforms | index("simulated") != null')" = true ]
  for title in "SGX enclave under Gramine" "TDX virtual machine"; do
    [ "$(echo "$json" | jq -r --arg t "$title" '.findings[] | select(.name == $t) | .good or (.mend | length > 10)')" = true ]
  done
}
