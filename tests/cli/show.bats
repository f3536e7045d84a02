#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# show finds out what a file is, and decodes it.
load common

kind_of() { "$quotary" show --json "$1" | jq -r .kind; }

@test "every quote of a real platform is an EPID quote" {
  need_vectors
  count=0
  for file in "$vectors"/misc/epid-quote/*.bin; do
    [ "$(stat -c %s "$file")" -lt 2000 ] || continue
    [ "$(kind_of "$file")" = epid-quote ] || { echo "$file"; false; }
    count=$((count + 1))
  done
  [ "$count" -ge 5 ]
}

@test "every real DCAP quote is one, of the version and TEE of its name" {
  need_vectors
  count=0
  for folder in "$vectors"/dcap/real/*/; do
    name=$(basename "$folder")
    json=$("$quotary" show --json "$folder/quote.bin")
    [ "$(echo "$json" | jq -r .kind)" = dcap-quote ] || { echo "$name"; false; }
    [[ $name == "$(echo "$json" | jq -r '.tee + (.version | tostring)')"-* ]] || { echo "$name"; false; }
    [ -z "$("$quotary" show "$folder/quote.bin" | grep ' $')" ] || { echo "$name: blanks"; false; }
    count=$((count + 1))
  done
  [ "$count" -eq 19 ]
}

@test "every SIGSTRUCT is one, with the MRENCLAVE of its name" {
  need_vectors
  count=0
  for file in "$vectors"/misc/sigstruct/*; do
    json=$("$quotary" show --json "$file")
    [ "$(echo "$json" | jq -r .kind)" = sigstruct ]
    [[ $file == *"$(echo "$json" | jq -r '.mrenclave[0:8]')"* ]] || { echo "$file"; false; }
    count=$((count + 1))
  done
  [ "$count" -ge 10 ]
}

@test "every attestation report decodes, with its status and MRENCLAVE" {
  need_vectors
  count=0
  for file in "$vectors"/ias/avr-*.json; do
    json=$("$quotary" show --json "$file")
    [ "$(echo "$json" | jq -r .kind)" = attestation-report ] || { echo "$file"; false; }
    status=$(echo "$json" | jq -r '.isvEnclaveQuoteStatus | ascii_downcase')
    [[ $file == *"-$status-"* ]] || { echo "$file $status"; false; }
    [[ $file == *"$(echo "$json" | jq -r '.isvEnclaveQuoteBody.report_body.mrenclave[0:8]')"* ]]
    count=$((count + 1))
  done
  [ "$count" -ge 30 ]
}

@test "messages of Intel's own exchange, from hex text" {
  need_vectors
  published="$vectors/ra/intel-published.json"
  for message in msg1 msg2 msg3; do
    jq -r ".vectors[0].$message" "$published" >"$BATS_TEST_TMPDIR/$message.hex"
    json=$("$quotary" show --json "$BATS_TEST_TMPDIR/$message.hex")
    [ "$(echo "$json" | jq -r .kind)" = "$message" ]
    [ "$(echo "$json" | jq -r .encoding)" = hex ]
  done
  [ "$(echo "$json" | jq -r .quote.signature_type)" = linkable ]
}

@test "Intel's EPID files say what they hold" {
  need_vectors
  for name in "cacert.bin:CA" "groupa/pubkey.bin:group key" "groupa/sigrl.bin:SigRL" "groupa/privrl.bin:PrivRL" "grprl.bin:GroupRL"; do
    json=$("$quotary" show --json "$vectors/epid/sdk-example/${name%%:*}")
    [ "$(echo "$json" | jq -r .kind)" = epid-file ] || { echo "$name"; false; }
    [[ "$(echo "$json" | jq -r '.content | ascii_downcase')" == *"$(echo "${name#*:}" | tr A-Z a-z)"* ]] || { echo "$name: $json"; false; }
  done
}

@test "certificates: subject and validity" {
  need_vectors
  run "$quotary" show "$vectors/ias/certs/ias-chain.pem"
  [ "$status" -eq 0 ]
  [[ $output == *"Intel SGX Attestation Report Signing"* ]]
  [[ $output == *"2026-11-20"* ]]
}

@test "what is no evidence is said to be none, exit 3" {
  echo "hello, world" >"$BATS_TEST_TMPDIR/text"
  run "$quotary" show "$BATS_TEST_TMPDIR/text"
  [ "$status" -eq 3 ]
  [[ $output == *"no kind of evidence"* ]]
  : >"$BATS_TEST_TMPDIR/empty"
  run "$quotary" show "$BATS_TEST_TMPDIR/empty"
  [ "$status" -eq 3 ]
}

@test "--as reads as that kind, and says what is wrong" {
  head -c 500 /dev/zero >"$BATS_TEST_TMPDIR/zeros"
  run "$quotary" show --as epid-quote "$BATS_TEST_TMPDIR/zeros"
  [ "$status" -ne 0 ]
  [[ $output == *"quote"* ]]
  run "$quotary" show --as no-such-kind "$BATS_TEST_TMPDIR/zeros"
  [ "$status" -eq 2 ]
}

@test "half a quote is said to be one that ends too soon; other bytes are compared with nothing" {
  need_vectors
  quote=$(ls "$vectors"/misc/epid-quote/*.bin | head -n 1)
  head -c 600 "$quote" >"$BATS_TEST_TMPDIR/half"
  run "$quotary" show "$BATS_TEST_TMPDIR/half"
  [ "$status" -eq 3 ]
  [[ $output == *"closest: quote"*"600 bytes ends"* ]]
  head -c 600 "$BATS_TEST_DIRNAME/show.bats" >"$BATS_TEST_TMPDIR/text"
  run "$quotary" show "$BATS_TEST_TMPDIR/text"
  [ "$status" -eq 3 ]
  [[ $output != *closest* ]]
}

@test "several files: each under its name, the exit code of what went wrong" {
  need_vectors
  one=$(ls "$vectors"/misc/sigstruct/* | head -n 1)
  echo nothing >"$BATS_TEST_TMPDIR/text"
  run "$quotary" show "$one" "$BATS_TEST_TMPDIR/text" "$one"
  [ "$status" -eq 3 ]
  [ "$(grep -c "^$one" <<<"$output")" -eq 2 ]
}

@test "no trailing blanks" {
  need_vectors
  run "$quotary" show "$(ls "$vectors"/misc/epid-quote/*.bin | head -n 1)"
  [ "$status" -eq 0 ]
  [ -z "$(grep ' $' <<<"$output")" ]
}
