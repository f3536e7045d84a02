#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# quote asks the machine itself; where it cannot, it says what would mend that.
load common

on_a_real_machine() { [ -e /dev/attestation/quote ] || [ -d /sys/kernel/config/tsm/report ]; }

@test "without a machine that quotes, it says so and names the way on" {
  on_a_real_machine && skip "this machine makes quotes"
  run "$quotary" quote --report-data 00 --out "$BATS_TEST_TMPDIR/quote"
  [ "$status" -eq 3 ]
  [[ $output == *"quotary doctor"* ]]
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
  run "$quotary" quote --platform sev --report-data 00 --out x
  [ "$status" -eq 2 ]
  [[ $output == *"auto, gramine, tsm"* ]]
  run "$quotary" quote --report-data 00
  [ "$status" -eq 2 ]
}

@test "doctor says of each device what is missing and its mend" {
  json=$("$quotary" doctor --json)
  for title in "SGX enclave under Gramine" "TDX virtual machine"; do
    [ "$(echo "$json" | jq -r --arg t "$title" '.findings[] | select(.name == $t) | .good or (.mend | length > 10)')" = true ]
  done
}
