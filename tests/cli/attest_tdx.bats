#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A trust domain of the simulated machine attests by TDX quotes, end to end.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/w
  export kept=$BATS_FILE_TMPDIR/kept
  start_world "$world"
  attest --evidence tdx --keep "$kept" --json >"$kept.json"
  cp -r "$(ls -td "$world"/broker/reports/*/ | head -n 1)" "$kept.archive" # before the world is turned
}

teardown_file() { stop_world "$world"; }

# verify_archived QUOTE: as an auditor, with nothing but what the broker kept.
verify_archived() {
  "$quotary" verify "$1" --collateral "$kept.archive" --root "$kept.archive/root.pem" \
    --policy "$kept.archive/policy.json" --json --report-data "$(jq -r .report_data "$kept.archive/request.json")" \
    --at "$(jq -r .at "$kept.archive/request.json")"
}

# put_policy JQ-FILTER: the world's own policy, changed.
put_policy() {
  policy "$1" >"$BATS_TEST_TMPDIR/policy.json"
  "$quotary" broker secret --state "$world/broker" put $secret --policy "$BATS_TEST_TMPDIR/policy.json"
}

@test "a trust domain gets the secret" {
  [ "$(jq -r '"\(.verdict) \(.simulated) \(.received) \(.evidence)"' "$kept.json")" = "trusted true true tdx" ]
  run "$quotary" broker secret --state "$world/broker" digest $secret
  [ "$output" = "$(jq -r .secret_sha256 "$kept.json")" ]
  [ "$(jq -r '.checks[] | select(.id == "own-quote") | .outcome' "$kept.json")" = held ]
}

@test "for people: verdict, MRTD, secret" {
  run attest --evidence tdx
  [ "$status" -eq 0 ]
  for word in trusted simulated MRTD "$secret" "trust domain's ECDSA quote" "inside the trust domain"; do
    [[ $output == *"$word"* ]] || { echo "not said: $word"; false; }
  done
}

@test "MRTD is that of the image, and the quote shows it" {
  run "$quotary" td measure --json "$(of_world trust_domain)"
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .mrtd)" = "$(jq -r .mrtd "$kept.json")" ]
  run "$quotary" show --json "$kept/quote.bin"
  [ "$(echo "$output" | jq -r '"\(.kind) \(.version) \(.tee) \(.td.mrtd)"')" = "dcap-quote 4 tdx $(jq -r .mrtd "$kept.json")" ]
}

@test "the same program builds the same image; another provider's key makes another" {
  run "$quotary" td build --provider-key "$world/broker/provider.pub" --out "$BATS_TEST_TMPDIR/again.td"
  [ "$status" -eq 0 ]
  cmp "$BATS_TEST_TMPDIR/again.td" "$(of_world trust_domain)"
  openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out "$BATS_TEST_TMPDIR/other.pub" 2>/dev/null
  run "$quotary" td build --provider-key "$BATS_TEST_TMPDIR/other.pub" --out "$BATS_TEST_TMPDIR/other.td" --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .mrtd)" != "$(jq -r .mrtd "$kept.json")" ]
  run attest --enclave "$BATS_TEST_TMPDIR/other.td" --json # evidence follows the image
  [ "$status" -ne 0 ]
  [[ $output == *provider-signature* ]]
}

@test "an auditor repeats the verdict from the archive; a changed quote is not authentic" {
  run verify_archived "$kept.archive/quote.bin"
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r '"\(.verdict) \(.tcb_status) \(.tee) \(.simulated)"')" = "trusted UpToDate tdx true" ]
  cp "$kept.archive/quote.bin" "$BATS_TEST_TMPDIR/quote.bin"
  printf '\xff' | dd of="$BATS_TEST_TMPDIR/quote.bin" bs=1 seek=190 conv=notrunc status=none # in MRTD
  run verify_archived "$BATS_TEST_TMPDIR/quote.bin"
  [ "$status" -eq 1 ]
  [ "$(echo "$output" | jq -r .authentic)" = false ]
}

@test "the configuration is MRCONFIGID, which a policy can ask for" {
  echo "verbose = yes" >"$BATS_TEST_TMPDIR/config"
  run "$quotary" td build --provider-key "$world/broker/provider.pub" --config "$BATS_TEST_TMPDIR/config" \
    --out "$BATS_TEST_TMPDIR/configured.td" --json
  id=$(sha384sum "$BATS_TEST_TMPDIR/config" | cut -d' ' -f1)
  [ "$(echo "$output" | jq -r .mrconfigid)" = "$id" ]
  [ "$(echo "$output" | jq -r .mrtd)" = "$(jq -r .mrtd "$kept.json")" ]
  put_policy ".version = 2 | .td.mrconfigid = \"$id\""
  run attest --enclave "$BATS_TEST_TMPDIR/configured.td" --json
  [ "$status" -eq 0 ]
  run attest --evidence tdx --json # without it
  [ "$status" -eq 1 ]
  [ "$(echo "$output" | jq -r .received)" = false ]
  put_policy ".version = 3 | del(.td.mrconfigid)"
}

@test "a debug trust domain is refused" {
  "$quotary" td build --provider-key "$world/broker/provider.pub" --debug --out "$BATS_TEST_TMPDIR/debug.td" >/dev/null
  run attest --enclave "$BATS_TEST_TMPDIR/debug.td" --json
  [ "$status" -eq 1 ]
  [ "$(echo "$output" | jq -r '"\(.verdict) \(.received)"')" = "refused false" ]
}

@test "an image of an enclave gives no such evidence" {
  run attest --enclave "$(of_world enclave)" --evidence tdx
  [ "$status" -eq 3 ]
  [[ $output == *"enclave"* ]]
  run attest --enclave "$(of_world trust_domain)" --evidence sgx
  [ "$status" -eq 3 ]
  [[ $output == *"trust domain"* ]]
}

@test "a TDX module recovery is seen at once, and the record of releases says by what evidence" {
  "$quotary" endorser tcb-recovery --state "$world/endorser" --tdx-module-svn 2 --advisory QUOTARY-SIM-9
  sleep 2 # the broker keeps collateral for a second
  run attest --evidence tdx --json
  [ "$status" -eq 1 ]
  [ "$(echo "$output" | jq -r '"\(.verdict) \(.received)"')" = "refused false" ]
  run attest --evidence sgx --json # enclaves have nothing to do with the module
  [ "$status" -eq 0 ]
  run "$quotary" platform describe --socket "$(of_world platform)" --json
  [ "$(echo "$output" | jq -c .processor.tdx_module)" = '{"version":1,"svn":1}' ]
  [ "$(echo "$output" | jq -r .architectural.td_quoting.isv_prod_id)" = 4 ]
  grep -q '"evidence":"tdx"' "$world/broker/releases.log"
}
