#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# attest on a real machine, as far as it can be told without one: options, messages, and that nothing is left behind.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/world
  start_world "$world"
}
teardown_file() { stop_world "$world"; }

on_a_real_machine() { [ -e /dev/attestation/quote ] || [ -d /sys/kernel/config/tsm/report ]; }

# own PLATFORM [OPTION...]: with all that a real machine needs.
own() {
  local platform=$1; shift
  attest --platform "$platform" --ca "$(of_world broker_ca)" --provider-key "$world/broker/provider.pub" "$@"
}

@test "a real machine needs the provider's key and the CA, and takes no enclave" {
  run attest --platform gramine
  [ "$status" -eq 2 ]
  [[ $output == *--provider-key*--ca* ]]
  run attest --platform tsm --provider-key "$world/broker/provider.pub"
  [ "$status" -eq 2 ]
  run own gramine --enclave "$(of_world enclave)"
  [ "$status" -eq 2 ]
  [[ $output == *--enclave* ]]
}

@test "evidence of another kind than the machine's is an error of usage" {
  for pair in gramine:epid gramine:tdx tsm:sgx tsm:epid; do
    run own "${pair%%:*}" --evidence "${pair#*:}"
    [ "$status" -eq 2 ]
    [[ $output == *"--evidence ${pair#*:}"* ]]
  done
}

@test "a simulated enclave has its key in its image, and keeps its secret" {
  run attest --provider-key "$world/broker/provider.pub"
  [ "$status" -eq 2 ]
  [[ $output == *"in its image"* ]]
  run attest --platform "simulated:$world" --out "$BATS_TEST_TMPDIR/secret"
  [ "$status" -eq 2 ]
  [[ $output == *"--out is for real machines"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/secret" ]
}

@test "--out is looked at before a secret is on its way" {
  echo kept >"$BATS_TEST_TMPDIR/there"
  run own gramine --out "$BATS_TEST_TMPDIR/there"
  [ "$status" -eq 2 ]
  [[ $output == *"is there already"* ]]
  [ "$(cat "$BATS_TEST_TMPDIR/there")" = kept ]
  run own gramine --out - --json
  [ "$status" -eq 2 ]
  [[ $output == *"secret alone"* ]]
  run script -qec "'$quotary' attest --broker '$(of_world broker)' --secret $secret --platform gramine --out - \
    --ca '$(of_world broker_ca)' --provider-key '$world/broker/provider.pub'" /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *terminal* ]]
}

@test "where there is no such machine, the device is named, and no file is made" {
  on_a_real_machine && skip "this machine makes quotes"
  run own gramine --out "$BATS_TEST_TMPDIR/secret"
  [ "$status" -eq 3 ]
  [[ $output == */dev/attestation* ]]
  run own tsm --out "$BATS_TEST_TMPDIR/secret" --json
  [ "$status" -eq 3 ]
  [[ $output == */sys/kernel/config/tsm/report* ]]
  [ ! -e "$BATS_TEST_TMPDIR/secret" ]
}

@test "a key that is none, and another provider's" {
  echo nothing >"$BATS_TEST_TMPDIR/key"
  run attest --platform gramine --ca "$(of_world broker_ca)" --provider-key "$BATS_TEST_TMPDIR/key"
  [ "$status" -eq 3 ]
  [[ $output == *"--provider-key $BATS_TEST_TMPDIR/key"* ]]
  openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out "$BATS_TEST_TMPDIR/other" 2>/dev/null
  run attest --platform gramine --ca "$(of_world broker_ca)" --provider-key "$BATS_TEST_TMPDIR/other"
  [ "$status" -eq 1 ]
  [[ $output == *provider-signature* ]]
}

@test "a broker of no world, on no machine that quotes, says what to give" {
  on_a_real_machine && skip "this machine makes quotes"
  run "$quotary" attest --broker https://127.0.0.1:1 --secret "$secret"
  [ "$status" -eq 2 ]
  [[ $output == *"--platform simulated:DIR"*Gramine* ]]
}
