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

@test "every file of real collateral is of its kind: TCB info, identity, revocation lists, certificates" {
  need_vectors
  count=0
  for folder in "$vectors"/dcap/real/*/; do
    for row in tcb_info.json:tcb-info qe_identity.json:enclave-identity pck_crl.der:crl root_crl.der:crl \
      tcb_chain.pem:certificates qe_chain.pem:certificates pck_chain.pem:certificates pck_crl_chain.pem:certificates; do
      [ "$(kind_of "$folder/${row%%:*}")" = "${row#*:}" ] || { echo "$folder $row"; false; }
      count=$((count + 1))
    done
  done
  [ "$count" -eq $((19 * 8)) ]
}

@test "a PCK certificate says what platform it is for: FMSPC, components, PCESVN, type" {
  need_vectors
  json=$("$quotary" show --json "$vectors/dcap/real/tdx4-trustee-tdx20/pck_chain.pem")
  jq -e '.certificates[0].sgx | (.fmspc | length == 12) and (.tcb_components | length == 16) and (.pce_svn | type == "number")
    and .sgx_type != null and .ppid != null and .dynamic_platform != null' <<<"$json"
  jq -e '[.certificates[1, 2] | has("sgx")] == [false, false]' <<<"$json"
  json=$("$quotary" show --json "$vectors/dcap/real/tdx4-trustee-tdx20/quote.bin")
  jq -e '.quoting_enclave.certification.certificates[0].sgx.fmspc | length == 12' <<<"$json"
}

@test "a revocation list in DER, PEM and hex is the same list; a cut one is none" {
  need_vectors
  list=$vectors/dcap/real/sgx3-automata-plat/pck_crl.der
  openssl crl -inform DER -in "$list" -out "$BATS_TEST_TMPDIR/list.pem"
  xxd -p "$list" | tr -d '\n' >"$BATS_TEST_TMPDIR/list.hex"
  whole=$("$quotary" show --json "$list" | jq 'del(.size)')
  [ "$("$quotary" show --json "$BATS_TEST_TMPDIR/list.pem" | jq 'del(.size)')" = "$whole" ]
  [ "$("$quotary" show --json "$BATS_TEST_TMPDIR/list.hex" | jq 'del(.size, .encoding)')" = "$whole" ]
  [ "$(jq .revoked <<<"$whole")" -eq "$(openssl crl -inform DER -in "$list" -noout -text | grep -c 'Serial Number:')" ]
  head -c -1 "$list" >"$BATS_TEST_TMPDIR/cut"
  run "$quotary" show "$BATS_TEST_TMPDIR/cut"
  [ "$status" -eq 3 ]
}

@test "TCB info that was reformatted is shown, and said to be" {
  need_vectors
  jq . "$vectors/dcap/real/tdx4-dcapqvl/tcb_info.json" >"$BATS_TEST_TMPDIR/pretty.json"
  "$quotary" show --json "$BATS_TEST_TMPDIR/pretty.json" | jq -e '.kind == "tcb-info" and .reformatted == true'
  "$quotary" show --json "$vectors/dcap/real/tdx4-dcapqvl/tcb_info.json" | jq -e 'has("reformatted") | not'
}
