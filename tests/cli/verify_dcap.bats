#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# verify on DCAP quotes of real platforms, and on cases made of them, under a folder of collateral.
load common

real() { echo "$vectors/dcap/real/$1"; }
time_of() { jq -r '.time | todate' "$1/meta.json"; }

# verify NAME [OPTION...]: a real quote at its own time; JSON.
verify() {
  local folder; folder=$(real "$1"); shift
  "$quotary" verify "$folder/quote.bin" --collateral "$folder" --root "$folder/root_ca.pem" --at "$(time_of "$folder")" \
    --json "$@" 2>"$BATS_TEST_TMPDIR/err"
}

# refused NAME [OPTION...]: the same of a quote that is refused.
refused() { local code=0; verify "$@" || code=$?; [ $code -eq 1 ]; }

statuses='[.pck, .tcbinfo, .qeid, .quote] | join(" ")'

# exit_fits JSON CODE
exit_fits() {
  case $(jq -r .verdict <<<"$1") in trusted) [ "$2" -eq 0 ] ;; refused) [ "$2" -eq 1 ] ;; *) [ "$2" -eq 3 ] ;; esac
}

# outcome_of JSON ID: of the first such check.
outcome_of() { jq -r --arg id "$2" '[.checks[] | select(.id == $id)][0].outcome' <<<"$1"; }

# A folder of the test's own, to take things away from.
copy_of() { cp -r "$(real "$1")" "$BATS_TEST_TMPDIR/$1"; chmod -R u+w "$BATS_TEST_TMPDIR/$1"; echo "$BATS_TEST_TMPDIR/$1"; }

@test "every real quote: Intel's four statuses, its TCB status and advisories, the exit code of the verdict" {
  need_vectors
  count=0
  for folder in "$vectors"/dcap/real/*/; do
    name=$(basename "$folder")
    code=0; json=$(verify "$name") || code=$?
    exit_fits "$json" $code || { echo "$name: $code"; false; }
    [ "$(jq -r ".qvl | $statuses" <<<"$json")" = "$(jq -r ".intel_qvl | $statuses" "$folder/meta.json")" ] || { echo "$name"; false; }
    [ "$(jq -r '.tcb_status // ""' <<<"$json")" = "$(jq -r '.intel_qvl.ci.launch // ""' "$folder/meta.json")" ] || { echo "$name"; false; }
    [ "$(jq -r '.advisory_ids | join(",")' <<<"$json")" = "$(jq -r '.intel_qvl.ci.launchAdv // ""' "$folder/meta.json")" ] || { echo "$name"; false; }
    [[ $name == "$(jq -r .tee <<<"$json")"* ]] || { echo "$name"; false; }
    if [ "$(jq -r .verdict <<<"$json")" = trusted ]; then
      [ "$(jq -r '.intel_qvl.quote' "$folder/meta.json")" = STATUS_OK ] || { echo "$name"; false; }
    fi
    count=$((count + 1))
  done
  [ "$count" -eq 19 ]
}

@test "a sample of the derived cases: Intel's four statuses, and nothing trusted that Intel refuses" {
  need_vectors
  count=0
  while read -r line; do
    folder=$BATS_TEST_TMPDIR/case; rm -rf "$folder"; mkdir "$folder"
    jq -r '.files | to_entries[] | .key + " " + .value' <<<"$line" | while read -r file blob; do
      ln -s "$vectors/dcap/blobs/$blob" "$folder/$file"
    done
    code=0
    json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --root "$folder/root_ca.pem" \
      --at "$(jq -r '.time | todate' <<<"$line")" --json) || code=$?
    exit_fits "$json" $code || { echo "$line" | head -c 200; echo "$code"; false; }
    expected=$(jq -r ".intel_qvl | $statuses" <<<"$line")
    [ "$(jq -r ".qvl | $statuses" <<<"$json")" = "$expected" ] || { echo "$line" | head -c 200; false; }
    [ $code -ne 0 ] || [ "$expected" = "STATUS_OK STATUS_OK STATUS_OK STATUS_OK" ] || { echo "$line" | head -c 200; false; }
    count=$((count + 1))
  done < <(awk 'NR % 6 == 1' "$vectors/dcap/cases.jsonl")
  [ "$count" -ge 40 ]
}

@test "a trusted quote needs no root named: Intel's is built in; without the PCK chain the quote's own is taken" {
  need_vectors
  folder=$(copy_of tdx4-dcapqvl)
  rm "$folder/pck_chain.pem" "$folder/pck_crl_chain.pem" "$folder/root_ca.pem"
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")"
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == verdict*trusted* ]]
  [[ $output == *"Intel SGX Root CA, built in"* ]]
  [[ $output != *"has no"* ]]
}

@test "hex text of a quote is seen through" {
  need_vectors
  folder=$(copy_of tdx4-dcapqvl)
  xxd -p "$folder/quote.bin" >"$folder/quote.hex"
  "$quotary" verify "$folder/quote.hex" --collateral "$folder" --at "$(time_of "$folder")" --json | jq -e '.verdict == "trusted"'
}

@test "each missing file: undecided, exit 3, and the file is named" {
  need_vectors
  for file in tcb_info.json qe_identity.json tcb_chain.pem qe_chain.pem pck_crl.der root_crl.der; do
    folder=$(copy_of tdx4-dcapqvl)
    rm "$folder/$file"
    run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")"
    [ "$status" -eq 3 ] || { echo "$file: $status $output"; false; }
    [[ $output == *"has no $file"* ]] || { echo "$file: $output"; false; }
    [[ $output == *"verdict    undecided"* ]]
    rm -rf "$folder"
  done
}

@test "without collateral: undecided, and the way on" {
  need_vectors
  run "$quotary" verify "$(real tdx4-dcapqvl)/quote.bin"
  [ "$status" -eq 3 ]
  [[ $output == *"--collateral DIR"* ]]
}

@test "a quote without certificates and a folder without them: the PCK chain is missing" {
  need_vectors
  folder=$(copy_of sgx3-qvlsample-certtype1)
  rm "$folder/pck_chain.pem"
  code=0
  json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --root "$folder/root_ca.pem" \
    --at "$(time_of "$folder")" --json 2>"$BATS_TEST_TMPDIR/err") || code=$?
  [ $code -ne 0 ]
  grep "has no pck_chain.pem" "$BATS_TEST_TMPDIR/err"
  [ "$(outcome_of "$json" pck-chain-form)" = undecided ]
  jq -e '.authentic == false and .qvl.quote == "STATUS_MISSING_PARAMETERS"' <<<"$json"
}

@test "an empty file is not a missing one: refused" {
  need_vectors
  folder=$(copy_of tdx4-dcapqvl)
  : >"$folder/tcb_info.json"
  code=0; json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --json) || code=$?
  [ $code -eq 1 ]
  [ "$(outcome_of "$json" tcb-info-form)" = failed ]
}

@test "another root than Intel's: refused without --root, said in every output with it" {
  need_vectors
  folder=$(real sgx3-qvlsample-certtype1)
  at=$(time_of "$folder")
  code=0; json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at" --json) || code=$?
  [ $code -eq 1 ]
  [ "$(outcome_of "$json" pck-chain-trusted)" = failed ]
  jq -e '.authentic == false and .simulated == false' <<<"$json"
  json=$(verify sgx3-qvlsample-certtype1) || true
  jq -e '.authentic == true and .simulated == true' <<<"$json"
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --root "$folder/root_ca.pem" --at "$at"
  [[ $output == *"NOT INTEL'S ROOT"* ]]
}

@test "a genuine quote under a root that is not its own: refused by both chains" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  code=0
  json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --json \
    --root "$(real sgx3-qvlsample-certtype1)/root_ca.pem") || code=$?
  [ $code -eq 1 ]
  [ "$(outcome_of "$json" pck-chain-trusted)" = failed ]
  [ "$(outcome_of "$json" signing-chain-trusted)" = failed ]
}

@test "an empty root is no way back to Intel's" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  code=0; json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --root /dev/null --json) || code=$?
  [ $code -eq 1 ]
  [ "$(outcome_of "$json" trusted-root)" = failed ]
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --root /dev/null
  [[ $output == *"/dev/null holds none"* ]]
}

@test "--at before and after: the time's own checks refuse, and the statuses are Intel's" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  code=0; json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at 2025-06-01T00:00:00Z --json) || code=$?
  [ $code -eq 1 ]
  [ "$(outcome_of "$json" tcb-info-issued)" = failed ]
  [ "$(outcome_of "$json" crl-current)" = held ]
  jq -e '.qvl.tcbinfo == "STATUS_OK" and .qvl.pck == "STATUS_SGX_CRL_EXPIRED" and .authentic == false' <<<"$json"
  code=0; json=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at 2025-07-20T00:00:00Z --json) || code=$?
  [ $code -eq 1 ]
  [ "$(outcome_of "$json" tcb-info-expired)" = failed ]
  [ "$(outcome_of "$json" identity-expired)" = failed ]
  jq -e '.qvl.tcbinfo == "STATUS_SGX_TCB_INFO_EXPIRED" and .tcb_status == "UpToDate" and .authentic == false' <<<"$json"
}

@test "a verdict holds until the moment it names, and not a second longer" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  until=$(verify tdx4-dcapqvl | jq -r .expires_at)
  later=$(jq -rn --arg t "$until" '$t | fromdate + 1 | todate')
  "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$until" --json | jq -e '.verdict == "trusted"'
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$later" --json
  [ "$status" -eq 1 ]
}

@test "an old platform: which component is too low, since when, what mends it, which advisories apply until then" {
  need_vectors
  folder=$(real tdx4-automata)
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")"
  [ "$status" -eq 1 ]
  [[ $output == *"TCB component 1 is 6, 7 needed since 2024-03-13: BIOS, Early Microcode Update"* ]]
  [[ $output == *"until then INTEL-SA-00960, INTEL-SA-00982, INTEL-SA-00986 apply"* ]]
  [[ $output == *dcap-status*expected*"UpToDate  (built-in policy)"*found*OutOfDate*mend*"as listed at the end"* ]]
  [[ $output == *dcap-advisories-waived*found*"INTEL-SA-00960, INTEL-SA-00982, INTEL-SA-00986"* ]]
  [[ $output != *"a policy that takes"* ]] # with all mended nothing is left for a policy to take
  json=$(refused tdx4-automata)
  jq -e '.mend.tcb_status == "UpToDate" and (.mend.gaps | length) == 2 and
    .mend.gaps[0] == {part: "sgx-component", component: 1, found: 6, needed: 7, since: "2024-03-13T00:00:00Z",
                      category: "BIOS", type: "Early Microcode Update"}' <<<"$json"
}

@test "advisories that stay are not promised away; an old trust domain is launched anew" {
  need_vectors
  json=$(refused sgx3-dcapqvl)
  jq -e '.mend.tcb_status == "SWHardeningNeeded" and .mend.advisory_ids == ["INTEL-SA-00289"]' <<<"$json"
  json=$(refused tdx5-oe-relaunch)
  jq -e '.tcb_status == "TDRelaunchAdvised" and .mend.relaunch and .mend.gaps == [] and .launch.status == "OutOfDate"
    and .current.status == "UpToDate"' <<<"$json"
}

@test "what no update changes: the members of a policy that takes it, which then does" {
  need_vectors
  folder=$(real sgx3-automata-plat)
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")"
  [[ $output == *"SWHardeningNeeded is the best that this collateral has for such platforms: no update changes it"* ]]
  members=$(grep '^  "tcb_statuses": ' <<<"$output")
  jq -e '.tcb_statuses == ["UpToDate", "SWHardeningNeeded"] and .advisories_waived == ["INTEL-SA-00615"]' <<<"{$members}"
  measurement=$(sed -n 's/^MRENCLAVE  *//p' <<<"$output")
  echo "{\"policy\": 1, \"version\": 1, \"roots\": [\"intel\"], \"demands\": [], \"enclave\": {\"mrenclave\": [\"$measurement\"]}, $members}" \
    >"$BATS_TEST_TMPDIR/policy.json"
  verify sgx3-automata-plat --policy "$BATS_TEST_TMPDIR/policy.json" | jq -e '.verdict == "trusted" and .tcb_status == "SWHardeningNeeded"'
}

@test "what is refused is told in words: bits by their names, modules, whose list, how many checks" {
  need_vectors
  actual_of() { jq -r --arg id "$2" '[.checks[] | select(.id == $id)][0].actual' <<<"$1"; }
  [[ $(actual_of "$(refused tdx4-oe)" td-attributes) == "0x"*": SEPT_VE_DISABLE clear" ]]
  [[ $(actual_of "$(refused sgx3-qvlsample-certtype1)" enclave-xfrm) == "0x0000000000000000: X87 clear, SSE clear" ]]
  json=$(refused tdx4-qvlsample)
  jq -e '[.checks[] | select(.id == "dcap-module-known")][0] | .actual == "TDX_C1" and (.expected | contains("names none"))' <<<"$json"
  folder=$(real tdx4-automata)
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")"
  [[ $output =~ [0-9]+\ checks:\ [0-9]+\ held,\ 2\ failed,\ 3\ not\ asked\ for\ by\ the\ policy ]]
}

@test "a platform below all levels is told what the lowest good level needs" {
  need_vectors
  json=$(refused tdx4-gotdx-spr)
  jq -e '.tcb_status == null and .mend.tcb_status == "UpToDate" and (.mend.gaps | length) > 0' <<<"$json"
}

@test "collateral of another platform: refused, and no advice from it" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  code=0
  json=$("$quotary" verify "$(real tdx4-automata)/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --json) || code=$?
  [ $code -eq 1 ]
  jq -e '.mend == null and .tcb_status == null' <<<"$json"
}

@test "--explain shows every check, without it only those that matter" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  at=$(time_of "$folder")
  brief=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at")
  whole=$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at" --explain)
  [ "$(grep -cE '^(✓|·) ' <<<"$whole")" -eq "$("$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at" --json | jq '.checks | length')" ]
  [ "$(grep -cE '^(✓|·) ' <<<"$brief")" -eq 0 ]
}

@test "each member of a check is there" {
  need_vectors
  refused tdx4-automata >"$BATS_TEST_TMPDIR/json"
  jq -e '.checks | length > 50 and all(.[]; (.id | length > 0) and (.remedy | length > 0) and has("expected") and
    has("actual") and has("origin") and (.outcome | IN("held", "failed", "undecided", "unconstrained")))' "$BATS_TEST_TMPDIR/json"
}

@test "what is no DCAP quote, and options of the other kinds of evidence" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  head -c 2000 "$folder/quote.bin" >"$BATS_TEST_TMPDIR/half"
  code=0; json=$("$quotary" verify "$BATS_TEST_TMPDIR/half" --collateral "$folder" --at "$(time_of "$folder")" --json) || code=$?
  [ $code -eq 1 ]
  jq -e '.qvl.quote == "STATUS_UNSUPPORTED_QUOTE_FORMAT" and .tee == null and .debug == null' <<<"$json"
  run "$quotary" verify "$(ls "$vectors"/misc/epid-quote/*.bin | head -n 1)" --collateral "$folder"
  [ "$status" -eq 3 ]
  [[ $output == *"EPID quote"* ]]
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --nonce 00
  [ "$status" -eq 2 ]
  [[ $output == *"--nonce"* ]]
  run "$quotary" verify "$(ls "$vectors"/ias/avr-v4-ok-*.json | head -n 1)" --root "$folder/root_ca.pem"
  [ "$status" -eq 2 ]
  run "$quotary" verify "$folder/quote.bin" --collateral "$BATS_TEST_TMPDIR/nowhere"
  [ "$status" -eq 3 ]
  [[ $output == *"no such folder"* ]]
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at yesterday
  [ "$status" -eq 2 ]
}

@test "a policy without TCB statuses trusts no DCAP quote, and is no longer called the built-in one" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  echo '{"policy": 1, "version": 7, "roots": ["intel"], "enclave": {"mrenclave":
    ["0000000000000000000000000000000000000000000000000000000000000001"]}, "statuses": ["OK"]}' >"$BATS_TEST_TMPDIR/policy.json"
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --policy "$BATS_TEST_TMPDIR/policy.json"
  [ "$status" -eq 1 ]
  [[ $output == *dcap-status* ]]
  [[ $output != *built-in\ policy* ]]
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --policy /dev/null
  [ "$status" -eq 3 ]
}

@test "the members are those that the documentation lists, in its order, whatever the verdict" {
  need_vectors
  documented=$(sed -n '/^### The JSON/,/^#### /p' "$project/docs/appraisal.md" | grep '^| `' | cut -d'|' -f2 | grep -o '[a-z_]*' | grep -v '^$')
  for name in tdx4-dcapqvl sgx3-fortanix-corrupted tdx5-oe-relaunch; do
    [ "$(verify $name | jq -r 'keys_unsorted[]')" = "$documented" ] || { verify $name | jq -r 'keys_unsorted[]'; echo "$documented"; false; }
  done
  : >"$BATS_TEST_TMPDIR/empty"
  code=0; json=$("$quotary" verify "$BATS_TEST_TMPDIR/empty" --collateral "$(real tdx4-dcapqvl)" --json) || code=$?
  [ $code -eq 1 ]
  [ "$(jq -r 'keys_unsorted[]' <<<"$json")" = "$documented" ]
  jq -e '.policy_version == 0' <<<"$json"
}

@test "report data is compared when it is given; what is shorter has zeros behind; without it every output says so" {
  need_vectors
  folder=$(real tdx4-dcapqvl)
  at=$(time_of "$folder")
  data=$(xxd -p -s 568 -l 64 -c 64 "$folder/quote.bin")
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at" --report-data "$data"
  [ "$status" -eq 0 ]
  [[ $output == *"$data"* && $output != *"not compared"* ]]
  [ "$(outcome_of "$(verify tdx4-dcapqvl --report-data "$data")" dcap-report-data)" = held ]
  for other in "00${data:2}" "${data:0:126}00" "${data:0:126}" 00; do
    json=$(refused tdx4-dcapqvl --report-data "$other")
    [ "$(jq -r '[.checks[] | select(.outcome == "failed") | .id] | join(" ")' <<<"$json")" = dcap-report-data ]
  done
  [ "$(outcome_of "$(verify tdx4-dcapqvl)" dcap-report-data)" = unconstrained ]
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at"
  [[ $output == *"not compared: the quote may be an old one. --report-data HEX"* ]]
  for wrong in "" 0 0g "${data}00"; do
    run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$at" --report-data "$wrong"
    [ "$status" -eq 2 ] || { echo "$wrong: $status"; false; }
    [[ $output == *"2 to 128 hex digits"* ]]
  done
}

# A log with no event but its header, as firmware writes it: SHA-384 alone.
empty_log() {
  xxd -r -p >"$1" <<<"0000000003000000$(printf '0%.0s' {1..40})2100000053706563204944204576656e743033000000000000020002010000000c00300000"
}

# event_of REGISTER TEXT: hex of one event (1 is RTMR0), whose digest is that of its text.
event_of() {
  printf '%02x000000' "$1"; printf '07000080''01000000''0c00'
  printf %s "$2" | sha384sum | cut -d' ' -f1 | tr -d '\n'
  printf '%02x000000' ${#2}; printf %s "$2" | xxd -p | tr -d '\n'
}

@test "an event log is replayed against the registers of the quote; what does not make them up is refused" {
  need_vectors
  folder=$(real tdx4-oe) # a trust domain that measured nothing: all registers are zero
  log=$BATS_TEST_TMPDIR/log
  empty_log "$log"
  head -c 700 /dev/zero >>"$log" # the table's memory goes on
  json=$(refused tdx4-oe --event-log "$log")
  jq -e '([.checks[] | select(.id == "event-log-replay") | .outcome] == ["held", "held", "held", "held"]) and
    .event_log.events == 0 and .event_log.rtmr == .td.rtmr' <<<"$json"
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --event-log "$log"
  [[ $output == *"0 events, which make up the registers of the quote"* ]]
  empty_log "$log"
  event_of 3 "Exit Boot Services Invocation" | xxd -r -p >>"$log"
  json=$(refused tdx4-oe --event-log "$log")
  jq -e '([.checks[] | select(.id == "event-log-replay") | .outcome] == ["held", "held", "failed", "held"]) and
    .event_log.events == 1' <<<"$json"
  run "$quotary" verify "$folder/quote.bin" --collateral "$folder" --at "$(time_of "$folder")" --event-log "$log"
  [ "$status" -eq 1 ]
  [[ $output == *event-log-replay*RTMR2*"DO NOT"* || $output == *"DO NOT"*event-log-replay*RTMR2* ]]
  [ "$(outcome_of "$(refused tdx4-oe --event-log "$folder/quote.bin")" event-log-form)" = failed ]
  [ "$(outcome_of "$(refused tdx4-oe --event-log /dev/null)" event-log-form)" = failed ]
  [ "$(outcome_of "$(refused sgx3-automata-plat --event-log "$log")" event-log-form)" = failed ]
}

@test "show reads an event log: registers, events, and whether the digest is of the text beside it" {
  log=$BATS_TEST_TMPDIR/log
  empty_log "$log"
  { event_of 1 SecureBoot; event_of 2 grub; } | xxd -r -p >>"$log"
  json=$("$quotary" show --json "$log")
  jq -e '.kind == "event-log" and .events == 2 and .log[1].register == "RTMR1" and .log[1].text == "grub" and
    .log[0].type == "EV_EFI_ACTION" and (.log | all(.digest_is_of_data)) and (.rtmr3 | test("^0+$"))' <<<"$json"
  expected=$({ printf '0%.0s' {1..96}; printf grub | sha384sum | cut -d' ' -f1; } | tr -d '\n' | xxd -r -p | sha384sum | cut -d' ' -f1)
  [ "$(jq -r .rtmr1 <<<"$json")" = "$expected" ]
}

# members_of OBJECT: as the documentation lists them.
members_of() {
  sed -n '/^#### Members of members/,$p' "$project/docs/appraisal.md" | grep -F "| \`$1\` |" | cut -d'|' -f3 | grep -o '[a-z_0-9]*' | grep -v '^$'
}

@test "the members of members are those that the documentation lists, in its order: SGX, TDX, with an event log" {
  need_vectors
  log=$BATS_TEST_TMPDIR/log
  empty_log "$log"
  refused sgx3-occlum-debug >"$BATS_TEST_TMPDIR/sgx"
  refused tdx4-automata --event-log "$log" >"$BATS_TEST_TMPDIR/tdx"
  seen=
  for tee in sgx tdx; do
    for object in $(sed -n '/^#### Members of members/,$p' "$project/docs/appraisal.md" | sed -nE 's/^\| `([^`]*)` \|.*/\1/p'); do
      found=$(jq -r "[.$object | select(. != null) | keys_unsorted] | unique | if length > 1 then \"several kinds\" else .[0] // [] | .[] end" "$BATS_TEST_TMPDIR/$tee")
      [ -n "$found" ] || continue # null: it is of the other kind
      [ "$found" = "$(members_of "$object")" ] || { echo "$tee: $object:" $found; false; }
      seen="$seen $object"
    done
    # no object is left out of the documentation
    for object in $(jq -r 'to_entries[] | select(.value | type == "object") | .key' "$BATS_TEST_TMPDIR/$tee"); do
      [ -n "$(members_of "$object")" ] || { echo "$object is not documented"; false; }
    done
  done
  [ "$(tr ' ' '\n' <<<"$seen" | sort -u | grep -c .)" -eq 11 ]
}
