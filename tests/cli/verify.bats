#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# verify on real, archived attestation reports.
load common

at_of() { jq -r '.timestamp | sub("\\.[0-9]+$"; "") + "Z"' "$1"; }

verify() { # verify BODY [OPTION...]
  body=$1; shift
  "$quotary" verify "$body" --signature "${body%.json}.sig" --chain "$vectors/ias/certs/ias-chain.pem" --json "$@"
}

@test "every genuine report is authentic at its own time, with its status" {
  need_vectors
  count=0
  for body in "$vectors"/ias/avr-*.json; do
    json=$(verify "$body" --at "$(at_of "$body")" || true)
    echo "$json" | jq -e '.authentic == true and .simulated == false' >/dev/null || { echo "$body"; echo "$json"; false; }
    [ "$(echo "$json" | jq -r .status)" = "$(jq -r .isvEnclaveQuoteStatus "$body")" ]
    count=$((count + 1))
  done
  [ "$count" -ge 30 ]
}

@test "as of 2026-11-23 each is refused by the expired certificate's own check" {
  need_vectors
  for body in "$vectors"/ias/avr-*.json; do
    run verify "$body" --at 2026-11-23T00:00:00Z
    [ "$status" -eq 1 ]
    echo "$output" | jq -e '.authentic == false and .verdict == "refused"' >/dev/null
    [ "$(echo "$output" | jq -r '[.checks[] | select(.outcome == "failed")][0].id')" = avr-leaf-expired ] || { echo "$output"; false; }
  done
}

@test "forged and foreign reports are refused" {
  need_vectors
  for body in "$vectors"/ias/NEG-*.json; do
    [ -f "${body%.json}.sig" ] || continue
    at=$(at_of "$body" 2>/dev/null) || continue
    run verify "$body" --at "$at"
    [ "$status" -ne 0 ] || { echo "$body"; false; }
    echo "$output" | jq -e '.authentic == false and .verdict != "trusted"' >/dev/null || { echo "$body: $output"; false; }
  done
}

@test "one flipped byte of the body: the signature's check refuses, and says what would mend it" {
  need_vectors
  body=$(ls "$vectors"/ias/avr-v4-ok-*.json | head -n 1)
  sed 's/"OK"/"KO"/' "$body" >"$BATS_TEST_TMPDIR/forged.json"
  cp "${body%.json}.sig" "$BATS_TEST_TMPDIR/forged.sig"
  run verify "$BATS_TEST_TMPDIR/forged.json" --at "$(at_of "$body")"
  [ "$status" -eq 1 ]
  echo "$output" | jq -e '[.checks[] | select(.outcome == "failed")][0] | .id == "avr-signature" and (.remedy | length > 10)'
}

@test "without signature or chain there is no verdict: exit 3" {
  need_vectors
  body=$(ls "$vectors"/ias/avr-v4-ok-*.json | head -n 1)
  run "$quotary" verify "$body" --json
  [ "$status" -eq 3 ]
  [[ $output == *undecided* ]]
}

@test "for people: verdict, MRENCLAVE, and the failed check with its mend" {
  need_vectors
  body=$(ls "$vectors"/ias/avr-v4-ok-*.json | head -n 1)
  run "$quotary" verify "$body" --signature "${body%.json}.sig" --chain "$vectors/ias/certs/ias-chain.pem"
  [ "$status" -eq 1 ]
  [[ $output == *refused* ]]
  [[ $output == *mend* ]]
}

@test "a policy with an unknown or missing member is an error that names it" {
  need_vectors
  body=$(ls "$vectors"/ias/avr-v4-ok-*.json | head -n 1)
  echo '{}' >"$BATS_TEST_TMPDIR/empty.json"
  run verify "$body" --policy "$BATS_TEST_TMPDIR/empty.json"
  [ "$status" -eq 3 ]
  [[ $output == *policy* ]]
}
