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
      "endorser require" "broker init" "broker serve" "broker secret" "broker releases"; do
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

@test "an unknown verb of a verb, and none: the list of those there are, exit 2" {
  for verb in enclave platform endorser broker; do
    run "$quotary" $verb
    [ "$status" -eq 2 ]
    [[ $output == *"usage: quotary $verb VERB"* ]]
    run "$quotary" $verb frobnicate
    [ "$status" -eq 2 ]
    [[ $output == *'"frobnicate"'* ]]
  done
}

@test "what is missing, too much, given twice or no number is said, exit 2" {
  run "$quotary" verify
  [ "$status" -eq 2 ]; [[ $output == *missing* ]]
  run "$quotary" verify one two
  [ "$status" -eq 2 ]; [[ $output == *'"two"'* ]]
  run "$quotary" show --as
  [ "$status" -eq 2 ]; [[ $output == *--as* ]]
  run "$quotary" broker serve --state a --state b
  [ "$status" -eq 2 ]; [[ $output == *twice* ]]
  run "$quotary" endorser serve --state a --port many
  [ "$status" -eq 2 ]; [[ $output == *'"many"'* ]]
  run "$quotary" attest
  [ "$status" -eq 2 ]; [[ $output == *--broker* ]]
}

@test "what is read from a file is read from standard input too" {
  need_vectors
  file=$(ls "$vectors"/misc/sigstruct/* | head -n 1)
  [ "$("$quotary" show --json - <"$file")" = "$("$quotary" show --json "$file")" ]
}

@test "a state folder that is not there is named, exit 3" {
  for verb in "endorser serve" "endorser reports" "broker serve" "broker secret" "endorser enroll"; do
    rest=
    [ "$verb" != "broker secret" ] || rest=list
    [ "$verb" != "endorser enroll" ] || rest=/dev/null
    run "$quotary" $verb --state "$BATS_TEST_TMPDIR/none" $rest
    [ "$status" -eq 3 ] || { echo "$verb: $status $output"; false; }
    [[ $output == "quotary $verb: "* ]] || { echo "$output"; false; }
  done
}

@test "doctor names the folder for temporary files, and what mends one that is not there" {
  TMPDIR=$BATS_TEST_TMPDIR/none run "$quotary" doctor
  [ "$status" -eq 1 ]
  [[ $output == *"$BATS_TEST_TMPDIR/none is not writable"*mend*TMPDIR* ]]
  TMPDIR=$BATS_TEST_TMPDIR/none run "$quotary" demo
  [ "$status" -eq 3 ]
  [[ $output == *"$BATS_TEST_TMPDIR/none"* ]]
}

@test "without a machine that quotes, it says so and names the way on" {
  "$quotary" doctor --json | jq -e '.platforms == []' >/dev/null || skip "something here quotes: a real machine, or a world of this user"
  run "$quotary" quote --report-data 00 --out "$BATS_TEST_TMPDIR/quote"
  [ "$status" -eq 3 ]
  [[ $output == *"quotary doctor"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/quote" ]
}
