#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Collateral is fetched, carried, kept, and found again for any time; verdicts are reached from the store.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/world
  start_world "$world"
  cd "$BATS_FILE_TMPDIR"
  "$quotary" quote --platform "simulated:$world" --report-data 0a0b --out quote >/dev/null
  "$quotary" show --json quote >shown
}
teardown_file() { stop_world "$world"; }

setup() {
  cd "$BATS_FILE_TMPDIR"
  export XDG_DATA_HOME=$BATS_TEST_TMPDIR/data
  export root=$world/endorser/public/dcap/root-ca.pem
  endorser=$(of_world endorser)
}

fetch() { "$quotary" collateral fetch --url "$endorser" --root "$root" "$@"; }
kept() { "$quotary" collateral show --json "$@"; }

@test "the subcommands are listed" {
  run "$quotary" collateral
  [ "$status" -eq 2 ]
  for verb in fetch import export show diff; do
    [[ $output == *"$verb"* ]]
    "$quotary" collateral "$verb" --help | grep -q "usage: quotary collateral $verb"
  done
}

@test "collateral of a quote is fetched into the default store, and a verdict reached from it" {
  run "$quotary" verify quote --root "$root"
  [ "$status" -eq 3 ]
  [[ $output == *"quotary collateral fetch --quote quote"* ]]
  run fetch --quote quote
  [ "$status" -eq 0 ]
  [[ $output == *"TCB info"*"evaluation"*"verified and kept: "* ]]
  [ "$(stat -c %a "$XDG_DATA_HOME/quotary/collateral.db")" = 600 ]
  run "$quotary" verify quote --root "$root"
  [ "$status" -eq 0 ]
  [[ $output == *"verdict    trusted"* ]]
  kept | jq -e '[.documents[].kind] | contains(["tcb-info", "identity", "pck-crl", "root-crl", "chain", "pck-chain"])'
  run "$quotary" collateral show
  [ "$status" -eq 0 ]
  [[ $output == *"days left"* ]]
  [[ $output == *"NOT INTEL'S"* ]]
}

@test "what is missing is named, with what fetches it" {
  fetch --fmspc 5153494d0001 --ca-type processor --tee sgx >/dev/null
  run "$quotary" verify quote --root "$root" --at 2020-01-01
  [ "$status" -ne 0 ] # its certificates had not begun either
  [[ $output == *"is good from "*", not on 2020-01-01"* ]]
  run "$quotary" verify quote # Intel's root: of that there is none
  [ "$status" -eq 1 ]
  [[ $output == *"the store has no TCB info for this platform"* ]]
  run "$quotary" verify quote --store "$BATS_TEST_TMPDIR/nowhere.db"
  [ "$status" -eq 3 ]
  [[ $output == *"no such store"* ]]
  run "$quotary" verify quote --store x --collateral y
  [ "$status" -eq 2 ]
}

@test "without its root a simulated endorser's collateral is refused, and nothing kept" {
  run "$quotary" collateral fetch --url "$endorser" --quote quote
  [ "$status" -eq 1 ]
  [[ $output == *"signing-chain-trusted"* ]]
  [[ $output == *"needs its root named"* ]]
  [ "$(kept | jq '.documents | length')" = 0 ]
}

@test "fetching tells what is wrong with what it is asked" {
  run fetch
  [ "$status" -eq 2 ]
  [[ $output == *"--quote FILE"* ]]
  run fetch --fmspc 51 --ca-type platform --tee sgx
  [ "$status" -eq 2 ]
  run fetch --fmspc 5153494d0002 --ca-type theirs --tee sgx
  [ "$status" -eq 2 ]
  run fetch --fmspc 5153494d0002 --ca-type platform --tee sev
  [ "$status" -eq 2 ]
  run fetch --quote quote --update sometimes
  [ "$status" -eq 2 ]
  run fetch --quote "$root"
  [ "$status" -eq 3 ]
  [[ $output == *"no PCK certificate"* ]]
  run "$quotary" collateral fetch --url http://pcs.example --quote quote
  [ "$status" -eq 2 ]
  [[ $output == *"https://"* ]]
  run "$quotary" collateral fetch --url http://127.0.0.1:1 --quote quote
  [ "$status" -eq 3 ]
  [[ $output == *"cannot connect"* ]]
  [[ $output == *"what the store had before is still there"* ]]
}

@test "a new TCB evaluation is kept beside the old one, and diff tells what it means" {
  fetch --quote quote >/dev/null
  "$quotary" endorser tcb-recovery --state "$world/endorser" --pce-svn 2 --advisory QUOTARY-SIM-7 >/dev/null
  run fetch --quote quote --update early
  [ "$status" -eq 0 ]
  [ "$(kept | jq '[.documents[] | select(.kind == "tcb-info").number] | unique | length')" = 2 ]
  run "$quotary" collateral diff --root "$root"
  [ "$status" -eq 1 ]
  [[ $output == *"WORSE"* ]]
  [[ $output == *"UpToDate"*"OutOfDate  QUOTARY-SIM-7"* ]]
  [[ $output == *"PCE's ISVSVN is 1, 2 needed since"* ]]
  [[ $output == *"1 of 1 platforms change their status or advisories, 1 for the worse"* ]]
  run "$quotary" collateral diff --root "$root" --json
  [ "$status" -eq 1 ]
  jq -e '.platforms[0] | .changed and .before.tcb_status == "UpToDate" and .after.tcb_status == "OutOfDate"
    and .after.advisory_ids == ["QUOTARY-SIM-7"] and .to_mend[0].part == "pce"' <<<"$output"
  # by files
  curl -sS -f "$endorser/sgx/certification/v4/tcb?fmspc=5153494d0002&update=early" >new.json
  curl -sS -f "$endorser/sgx/certification/v4/tcb?fmspc=5153494d0002" >old.json
  run "$quotary" collateral diff --quote quote --old new.json --new old.json
  [ "$status" -eq 0 ]
  [[ $output == *"changes"* ]]
  # the newest evaluation counts; the other one is still there to be asked for
  run "$quotary" verify quote --root "$root"
  [ "$status" -eq 1 ]
  [[ $output == *"OutOfDate"* ]]
}

@test "diff without platforms, or without a store, says what to name" {
  fetch --fmspc 5153494d0001 --ca-type processor --tee sgx >/dev/null
  run "$quotary" collateral diff --root "$root"
  [ "$status" -eq 3 ]
  [[ $output == *"no platform is remembered"* ]]
  run "$quotary" collateral diff --quote quote --store "$BATS_TEST_TMPDIR/nowhere.db"
  [ "$status" -eq 3 ]
  run "$quotary" collateral diff --new a --evaluation 17
  [ "$status" -eq 2 ]
}

@test "an export is taken in by a machine without a network" {
  fetch --quote quote >/dev/null
  run "$quotary" collateral export --out "$BATS_TEST_TMPDIR/carried"
  [ "$status" -eq 0 ]
  fingerprint=$(sed -nE 's/^signed by +//p' <<<"$output")
  [ "$fingerprint" = "$(openssl pkey -pubin -in "$XDG_DATA_HOME/quotary/export-key-public.pem" -outform DER | sha256sum | cut -d' ' -f1)" ]
  [ "$(stat -c %a "$XDG_DATA_HOME/quotary/export-key.pem")" = 600 ]
  cd "$BATS_TEST_TMPDIR"
  there() { "$quotary" collateral import carried --root "$root" --store there.db "$@"; }
  run there --signer "$(tr 0-9a-f 1-9a-f0 <<<"$fingerprint")"
  [ "$status" -eq 1 ]
  [[ $output == *"export-signer"* ]]
  run there --signer "$fingerprint"
  [ "$status" -eq 0 ]
  [[ $output == *"verified and kept"* ]]
  [[ $output != *"Nobody vouches"* ]]
  run "$quotary" verify "$BATS_FILE_TMPDIR/quote" --root "$root" --store there.db --at "$(date -u +%FT%TZ)"
  [[ $output == *"authentic  yes"* ]]
  run there
  [ "$status" -eq 0 ]
  [[ $output == *"Nobody vouches for who made it"* ]]
  # the same key signs the next one
  "$quotary" collateral export --out again | grep -q "$fingerprint"
  # a byte is flipped on the way
  sed -i '/"body"/s/E/F/20' carried
  run there --signer "$fingerprint"
  [ "$status" -eq 1 ]
  [[ $output == *"export-signature"* ]]
  run "$quotary" collateral export --store empty.db --out x
  [ "$status" -eq 3 ]
  [ ! -e x ]
}

@test "real collateral is imported, and gives the verdicts of its folders" {
  need_vectors
  store=$BATS_TEST_TMPDIR/real.db
  names="sgx3-automata-plat sgx3-dcapqvl sgx3-oe-evidence tdx4-automata tdx4-dcapqvl tdx5-gotdx tdx5-oe-relaunch"
  for name in $names; do
    "$quotary" collateral import "$vectors/dcap/real/$name" --store "$store"
  done
  for name in $names; do
    folder=$vectors/dcap/real/$name
    at=$(date -u -d "@$(jq .time "$folder/meta.json")" +%FT%TZ)
    "$quotary" verify "$folder/quote.bin" --store "$store" --at "$at" --json >from_store || true
    "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at" --json >from_folder || true
    jq -e '.authentic' from_store
    [ "$(jq -c '[.verdict, .tcb_status, .advisory_ids, .qvl]' from_store)" = \
      "$(jq -c '[.verdict, .tcb_status, .advisory_ids, .qvl]' from_folder)" ] || { echo "$name"; return 1; }
  done
  # by TCB info alone a platform stands as its verdict says, where the quoting enclave is up to date
  for name in sgx3-automata-plat sgx3-dcapqvl sgx3-oe-evidence tdx4-automata tdx4-dcapqvl tdx5-gotdx; do
    folder=$vectors/dcap/real/$name
    info=$folder/tcb_info.json
    "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(date -u -d "@$(jq .time "$folder/meta.json")" +%FT%TZ)" --json >verdict || true
    "$quotary" collateral diff --quote "$folder/quote.bin" --old "$info" --new "$info" --json >same
    jq -e '.platforms[0].changed == false' same
    [ "$(jq -c '.platforms[0].after | [.tcb_status, .advisory_ids]' same)" = "$(jq -c '[.tcb_status, .advisory_ids]' verdict)" ] ||
      { echo "$name"; return 1; }
  done
  # a verdict of today finds only what is past, and says so
  run "$quotary" verify "$vectors/dcap/real/sgx3-dcapqvl/quote.bin" --store "$store"
  [ "$status" -eq 3 ]
  [[ $output == *"was good until 20"* ]]
}

@test "what is no collateral is told from what is forged" {
  mkdir "$BATS_TEST_TMPDIR/folder"
  run "$quotary" collateral import "$BATS_TEST_TMPDIR/folder"
  [ "$status" -eq 3 ]
  [[ $output == *"none of tcb_info.json"* ]]
  run "$quotary" collateral import "$BATS_TEST_TMPDIR/nothing"
  [ "$status" -eq 3 ]
  echo '{"a": 1}' >"$BATS_TEST_TMPDIR/other.json"
  run "$quotary" collateral import "$BATS_TEST_TMPDIR/other.json"
  [ "$status" -eq 3 ]
  [[ $output == *"neither an export nor collateral JSON"* ]]
  fetch --quote quote >/dev/null
  echo "this is no database, but long enough to be one at the first glance of a program that is in a hurry" >"$BATS_TEST_TMPDIR/no.db"
  run "$quotary" collateral show --store "$BATS_TEST_TMPDIR/no.db"
  [ "$status" -eq 3 ]
  [[ $output == *"no collateral store"* ]]
}
