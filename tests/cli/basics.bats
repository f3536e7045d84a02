#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What every verb owes: help, exit codes, clear words for a wrong command line.
load common

@test "no verb: the overview on standard error, exit 2" {
  run "$quotary"
  [ "$status" -eq 2 ]
  [[ $output == *"quotary demo"* ]]
}

@test "--help, --version and help exit 0" {
  run "$quotary" --help; [ "$status" -eq 0 ]; [[ $output == *"exit codes"* ]]
  run "$quotary" help; [ "$status" -eq 0 ]
  run "$quotary" --version; [ "$status" -eq 0 ]; [[ $output == quotary\ * ]]
}

@test "an unknown verb is named, exit 2" {
  run "$quotary" frobnicate
  [ "$status" -eq 2 ]
  [[ $output == *'"frobnicate"'* ]]
}

@test "every verb and sub-verb answers --help with exit 0" {
  for verb in demo up attest show verify doctor "enclave sign" "enclave key" "enclave measure" "platform init" \
      "platform serve" "platform update" "platform describe" "endorser init" "endorser enroll" "endorser serve" \
      "endorser reports" "endorser subscribe" "endorser add-group" "endorser issue-member" "endorser revoke" \
      "endorser require" "broker init" "broker serve" "broker secret"; do
    run "$quotary" $verb --help
    [ "$status" -eq 0 ] || { echo "$verb: $status"; false; }
    [[ $output == usage:* ]] || { echo "$verb: $output"; false; }
  done
}

@test "an unknown option is named, exit 2" {
  run "$quotary" show --nonsense x
  [ "$status" -eq 2 ]
  [[ $output == *"--nonsense"* ]]
}

@test "a missing file is exit 3 and named" {
  run "$quotary" show /nowhere/at/all
  [ "$status" -eq 3 ]
  [[ $output == *"/nowhere/at/all"* ]]
}

@test "doctor says that the simulated machine can run here" {
  run "$quotary" doctor
  [ "$status" -eq 0 ]
  run "$quotary" doctor --json
  [ "$status" -eq 0 ]
  echo "$output" | jq -e '.simulated_machine == true and (.findings | length > 3)'
}
