#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Enclave images: what makes one, what makes it another, and what the processor, the enclave and the broker refuse.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/w
  export folder=$BATS_FILE_TMPDIR
  start_world "$world"
  openssl ecparam -name prime256v1 -genkey -noout -out "$folder/other.pem"
  openssl ec -in "$folder/other.pem" -pubout -out "$folder/other.pub" 2>/dev/null
}

teardown_file() { stop_world "$world"; }

# sign OUT [OPTION...]: as the world's own enclave is signed, unless told otherwise. Prints JSON.
sign() {
  local out=$1; shift
  case " $* " in *" --provider-key "*) ;; *) set -- --provider-key "$world/broker/provider.pub" "$@" ;; esac
  "$quotary" enclave sign --key "$world/signer.pem" --out "$out" --json "$@"
}

mrenclave_of() { "$quotary" enclave measure --json "$1" | jq -r .mrenclave; }

# The first failed check of an attestation that found no verdict.
first_failed() { echo "$output" | sed -n '/^{/,$p' | jq -r '[.checks[] | select(.outcome == "failed")][0].id'; }

@test "the same program, key and sections are the same enclave" {
  run sign "$folder/same.enclave"
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .mrenclave)" = "$(mrenclave_of "$world/demo.enclave")" ]
  run attest --enclave "$folder/same.enclave"
  [ "$status" -eq 0 ]
}

@test "another signing key is another MRSIGNER of the same MRENCLAVE" {
  run "$quotary" enclave key --out "$folder/second-signer.pem"
  [ "$status" -eq 0 ]
  [ "$(stat -c %a "$folder/second-signer.pem")" = 600 ]
  run "$quotary" enclave key --out "$folder/second-signer.pem"
  [ "$status" -ne 0 ] # never overwritten
  run "$quotary" enclave sign --provider-key "$world/broker/provider.pub" --key "$folder/second-signer.pem" --out "$folder/second.enclave" --json
  [ "$(echo "$output" | jq -r .mrenclave)" = "$(mrenclave_of "$world/demo.enclave")" ]
  [ "$(echo "$output" | jq -r .mrsigner)" != "$("$quotary" enclave measure --json "$world/demo.enclave" | jq -r .mrsigner)" ]
}

@test "a signing key that others may read is not used" {
  cp "$world/signer.pem" "$folder/open.pem"
  chmod 644 "$folder/open.pem"
  run "$quotary" enclave sign --provider-key "$world/broker/provider.pub" --key "$folder/open.pem" --out "$folder/x.enclave"
  [ "$status" -eq 3 ]
  [[ $output == *0600* ]]
}

@test "another provider key is another enclave" {
  run sign "$folder/foreign.enclave" --provider-key "$folder/other.pub"
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .mrenclave)" != "$(mrenclave_of "$world/demo.enclave")" ]
}

@test "an enclave of another provider refuses this one's msg2, by provider-signature" {
  sign "$folder/foreign.enclave" --provider-key "$folder/other.pub" >/dev/null
  before=$(ls "$world/broker/reports" | wc -l)
  run attest --enclave "$folder/foreign.enclave" --json
  [ "$status" -eq 1 ]
  [ "$(first_failed)" = provider-signature ]
  run attest --enclave "$folder/foreign.enclave"
  [ "$status" -eq 1 ]
  [[ $output == *provider-signature* ]]
  [[ $output == *"mend "* ]]
  [ "$(ls "$world/broker/reports" | wc -l)" -eq "$before" ] # it never came to a quote
}

# offset_of HEX: where these bytes stand last in the world's image.
offset_of() {
  local at
  at=$(xxd -p -c 100000000 "$world/demo.enclave" | grep -ob "$1" | tail -n 1 | cut -d: -f1)
  echo $((at / 2))
}

# flipped OFFSET: the world's image with one bit of that byte changed.
flipped() {
  cp "$world/demo.enclave" "$folder/flipped.enclave"
  byte=$(xxd -s "$1" -l 1 -p "$folder/flipped.enclave")
  printf "\\x$(printf %02x $((0x$byte ^ 1)))" | dd of="$folder/flipped.enclave" bs=1 seek="$1" conv=notrunc status=none
}

@test "a changed byte of the program, or of the provider's key, and the processor does not start it" {
  key=$("$quotary" show --json "$world/demo.enclave" | jq -r '.sections[0].bytes')
  at=$(offset_of "$key")
  for offset in 100000 1000000 "$at"; do
    flipped "$offset"
    run attest --enclave "$folder/flipped.enclave" --json
    [ "$status" -eq 1 ] || { echo "$offset: $output"; false; }
    [ "$(first_failed)" = sigstruct-measurement ]
    run "$quotary" enclave measure "$folder/flipped.enclave"
    [ "$status" -eq 1 ]
    [[ $output == *"does not sign this measurement"* ]]
  done
}

@test "a changed byte of the SIGSTRUCT's signature" {
  sigstruct=$("$quotary" show --json "$world/demo.enclave" | jq -r .sigstruct.mrenclave)
  # ENCLAVEHASH stands 960 bytes into a SIGSTRUCT, its signature 516 (Intel SDM, volume 3D, 38.13).
  hash=$(offset_of "$sigstruct")
  flipped $((hash - 960 + 516))
  run attest --enclave "$folder/flipped.enclave" --json
  [ "$status" -eq 1 ]
  [ "$(first_failed)" = sigstruct-signature ]
}

@test "what is no image, and half of one: exit 3" {
  run attest --enclave "$folder/other.pub"
  [ "$status" -eq 3 ]
  [[ $output == *image* ]]
  head -c 100000 "$world/demo.enclave" >"$folder/half.enclave"
  run attest --enclave "$folder/half.enclave"
  [ "$status" -eq 3 ]
}

@test "a program that is linked dynamically is not started" {
  sign "$folder/dynamic.enclave" --program "$(command -v cat)" >/dev/null
  run attest --enclave "$folder/dynamic.enclave" --json
  [ "$status" -eq 1 ]
  [ "$(first_failed)" = enclave-program-static ]
}

@test "a debug enclave is refused by the policy, by enclave-debug, and says that it is one" {
  sign "$folder/debug.enclave" --debug >/dev/null
  run attest --enclave "$folder/debug.enclave"
  [ "$status" -eq 1 ]
  [[ $output == *"(debug)"* ]]
  [ "$(failed_checks)" = enclave-debug ]
}

@test "and accepted only by a policy that says so" {
  sign "$folder/debug.enclave" --debug >/dev/null
  policy '.debug = true' >"$folder/debug.json"
  echo toy | "$quotary" broker secret --state "$world/broker" put toy --policy "$folder/debug.json" --from -
  run attest --enclave "$folder/debug.enclave" --secret toy
  [ "$status" -eq 0 ]
}

@test "product, version and signer: a policy without MRENCLAVE" {
  signer=$("$quotary" enclave measure --json "$world/demo.enclave" | jq -r .mrsigner)
  policy ".enclave = {mrsigner: \"$signer\", isv_prod_id: 7, isv_svn_min: 3}" >"$folder/signer.json"
  echo toy | "$quotary" broker secret --state "$world/broker" put signed --policy "$folder/signer.json" --from -
  sign "$folder/good.enclave" --prod-id 7 --svn 3 >/dev/null
  run attest --enclave "$folder/good.enclave" --secret signed
  [ "$status" -eq 0 ]
  sign "$folder/older.enclave" --prod-id 7 --svn 2 >/dev/null
  run attest --enclave "$folder/older.enclave" --secret signed
  [ "$status" -eq 1 ]
  [ "$(failed_checks)" = enclave-svn ]
  sign "$folder/product.enclave" --prod-id 8 --svn 3 >/dev/null
  run attest --enclave "$folder/product.enclave" --secret signed
  [ "$status" -eq 1 ]
  [ "$(failed_checks)" = enclave-product ]
}
