#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A standing world: attested against, appraised again, stopped, killed in parts and started again.
load common

setup_file() {
  export world=$BATS_FILE_TMPDIR/w
  export kept=$BATS_FILE_TMPDIR/kept
  start_world "$world"
  attest --keep "$kept" --json >"$kept.json"
}

teardown_file() { stop_world "$world"; }

sha256_of() { jq -r .secret_sha256; }

# verify_kept [OPTION...]: the kept quote, through the world's report service.
verify_kept() {
  (umask 077 && head -n 1 "$world/broker/report-service-keys" >"$BATS_TEST_TMPDIR/key")
  "$quotary" verify "$kept/quote.bin" --service "$(of_world reports)" --api-key "$BATS_TEST_TMPDIR/key" \
    --service-ca "$world/endorser/public/tls-ca.pem" --json "$@"
}

@test "up says as data all that attest needs" {
  for member in state endorser reports platform broker broker_ca enclave trust_domain secret; do
    [ -n "$(of_world $member)" ] && [ "$(of_world $member)" != null ] || { echo "missing: $member"; false; }
  done
  [ "$(of_world simulated)" = true ]
  [[ $(of_world broker) == https://127.0.0.1:* ]]
  [ -S "$(of_world platform)" ]
}

@test "URL and name are enough; the enclave holds what the broker keeps" {
  [ "$(jq -r '"\(.verdict) \(.simulated) \(.received)"' "$kept.json")" = "trusted true true" ]
  run "$quotary" broker secret --state "$world/broker" digest $secret
  [ "$status" -eq 0 ]
  [ "$output" = "$(sha256_of <"$kept.json")" ]
  run "$quotary" enclave measure --json "$world/demo.enclave"
  [ "$(echo "$output" | jq -r .mrenclave)" = "$(jq -r .mrenclave "$kept.json")" ]
}

@test "for people: verdict, MRENCLAVE, secret, and that it is simulated" {
  run attest --explain
  [ "$status" -eq 0 ]
  for word in trusted simulated MRENCLAVE "$secret" "32 bytes" provider-signature msg4-tag; do
    [[ $output == *"$word"* ]] || { echo "not said: $word"; false; }
  done
}

@test "explicit --ca, --enclave and --platform" {
  run attest --ca "$(of_world broker_ca)" --enclave "$(of_world enclave)" --platform "simulated:$(of_world platform)" --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | sha256_of)" = "$(sha256_of <"$kept.json")" ]
}

@test "a broker under another CA is not spoken to: exit 3" {
  run attest --ca "$world/endorser/public/tls-ca.pem"
  [ "$status" -eq 3 ]
  [[ $output == *certificate* ]]
}

@test "a broker that is not there, a platform that is not there: exit 3, each named" {
  run "$quotary" attest --broker https://127.0.0.1:1 --secret $secret --ca "$(of_world broker_ca)" \
    --enclave "$(of_world enclave)" --platform "simulated:$(of_world platform)"
  [ "$status" -eq 3 ]
  [[ $output == *https://127.0.0.1:1* ]]
  run attest --platform "simulated:$BATS_TEST_TMPDIR/none"
  [ "$status" -eq 3 ]
  [[ $output == *none/platform.sock* ]]
}

@test "a malformed name and http:// are errors of usage" {
  run attest --secret 'no name!'
  [ "$status" -eq 2 ]
  [[ $output == *"name of a secret"* ]]
  run "$quotary" attest --broker "http://127.0.0.1:1" --secret $secret --ca "$(of_world broker_ca)" \
    --enclave "$(of_world enclave)" --platform "simulated:$(of_world platform)"
  [ "$status" -eq 2 ]
  [[ $output == *https* ]]
}

@test "every kept message is shown as what it is" {
  for pair in msg0-msg1:msg0+msg1 msg2:msg2 quote:epid-quote msg3:msg3 msg4:msg4; do
    json=$("$quotary" show --json "$kept/${pair%%:*}.bin")
    [ "$(echo "$json" | jq -r .kind)" = "${pair#*:}" ] || { echo "$pair: $json"; false; }
  done
  [ "$(echo "$json" | jq -r '"\(.verdict) \(.simulated) \(.sealed_secret_size)"')" = "trusted true 32" ]
  mrenclave=$(jq -r .mrenclave "$kept.json")
  [ "$("$quotary" show --json "$kept/quote.bin" | jq -r .report_body.mrenclave)" = "$mrenclave" ]
  [ "$("$quotary" show --json "$kept/msg3.bin" | jq -r .quote.report_body.mrenclave)" = "$mrenclave" ]
  run "$quotary" show "$kept"/*.bin
  [ "$status" -eq 0 ]
  [[ $output == *"readable_by"*"the report service alone"* ]]
}

@test "the kept messages do not hold the secret" {
  hex=$(xxd -p -c 1000 "$world/broker/secrets/$secret/secret.bin")
  for file in "$kept"/*; do
    [[ $(xxd -p -c 100000 "$file") != *$hex* ]] || { echo "$file"; false; }
  done
}

# What does not differ from session to session.
public_answer() { jq -S 'del(.secret) | .checks |= map("\(.id) \(.outcome)")'; }

@test "an unknown secret and a denied one are answered alike, and the log tells them apart" {
  policy '.enclave.mrenclave = ["00000000000000000000000000000000000000000000000000000000000000ff"]' >"$BATS_TEST_TMPDIR/policy.json"
  echo something | "$quotary" broker secret --state "$world/broker" put other/denied --policy "$BATS_TEST_TMPDIR/policy.json" --from -
  run attest --secret other/denied --json
  [ "$status" -eq 1 ]
  denied=$(echo "$output" | public_answer)
  [ "$(failed_checks)" = enclave-measurement ]
  run attest --secret other/absent --json
  [ "$status" -eq 1 ]
  absent=$(echo "$output" | public_answer)
  [ "$denied" = "$absent" ]
  [ "$(echo "$denied" | jq -r '"\(.verdict) \(.received)"')" = "refused false" ]
  grep -q '"other/absent": refused.*there is no such secret' "$world/logs/broker.log"
  grep -q '"other/denied": refused' "$world/logs/broker.log"
  lacks '"other/denied": refused.*no such secret' "$world/logs/broker.log"
}

@test "a secret of one's own, under a changed policy, taken up at once; then removed" {
  policy >"$BATS_TEST_TMPDIR/policy.json"
  printf 'three words here' >"$BATS_TEST_TMPDIR/secret"
  "$quotary" broker secret --state "$world/broker" put mine --policy "$BATS_TEST_TMPDIR/policy.json" --from "$BATS_TEST_TMPDIR/secret"
  run attest --secret mine --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | sha256_of)" = "$(sha256sum <"$BATS_TEST_TMPDIR/secret" | cut -d' ' -f1)" ]
  "$quotary" broker secret --state "$world/broker" list | grep -q '^mine '
  "$quotary" broker secret --state "$world/broker" remove mine
  run attest --secret mine
  [ "$status" -eq 1 ]
}

@test "a policy does not go back" {
  policy '.version = 8' >"$BATS_TEST_TMPDIR/policy9.json"
  policy '.version = 7' >"$BATS_TEST_TMPDIR/policy8.json"
  echo x | "$quotary" broker secret --state "$world/broker" put aging --policy "$BATS_TEST_TMPDIR/policy9.json" --from -
  run "$quotary" broker secret --state "$world/broker" put aging --policy "$BATS_TEST_TMPDIR/policy8.json"
  [ "$status" -eq 1 ]
  [[ $output == *version* ]]
}

@test "the kept quote, through the report service: trusted where the simulated root is named" {
  run verify_kept --policy "$world/broker/secrets/$secret/policy.json" --spid "$(jq -r .spid "$world/broker/broker.json")"
  [ "$status" -eq 0 ]
  echo "$output" | jq -e '.verdict == "trusted" and .authentic and .simulated and .status == "OK"'
}

@test "and not where it is not named: neither by the built-in policy nor by Intel's root" {
  run verify_kept
  [ "$status" -eq 1 ]
  echo "$output" | jq -e '.verdict == "refused" and .authentic == false'
  [ "$(echo "$output" | jq -r '[.checks[] | select(.outcome == "failed")][0].id')" = avr-root ]
  policy '.roots = ["intel"]' >"$BATS_TEST_TMPDIR/intel.json"
  run verify_kept --policy "$BATS_TEST_TMPDIR/intel.json"
  [ "$status" -eq 1 ]
}

@test "what the policy demands and nobody gave leaves it undecided: exit 3" {
  run verify_kept --policy "$world/broker/secrets/$secret/policy.json"
  [ "$status" -eq 3 ]
  echo "$output" | jq -e '.verdict == "undecided"'
  run verify_kept --policy "$world/broker/secrets/$secret/policy.json" --spid 00000000000000000000000000000001
  [ "$status" -eq 1 ]
}

@test "the broker's archive is evidence for later: report, signature and chain verify again" {
  folder=$(grep -l '"verdict": *"trusted"' "$world"/broker/reports/*/verdict.json | head -n 1)
  folder=${folder%/verdict.json}
  policy '.demands = []' >"$BATS_TEST_TMPDIR/audit.json"
  run "$quotary" verify "$folder/report.json" --signature "$folder/report.sig" --chain "$folder/chain.pem" \
    --policy "$BATS_TEST_TMPDIR/audit.json" --json
  [ "$status" -eq 0 ]
  sed 's/"isvEnclaveQuoteStatus": *"OK"/"isvEnclaveQuoteStatus":"KO"/' "$folder/report.json" >"$BATS_TEST_TMPDIR/forged.json"
  run "$quotary" verify "$BATS_TEST_TMPDIR/forged.json" --signature "$folder/report.sig" --chain "$folder/chain.pem" \
    --policy "$BATS_TEST_TMPDIR/audit.json" --json
  [ "$status" -eq 1 ]
}

@test "describe tells what the machine is" {
  run "$quotary" platform describe --socket "$(of_world platform)" --json
  [ "$status" -eq 0 ]
  echo "$output" | jq -e '.simulated and .processor.level == .processor.levels'
  [ "$(echo "$output" | jq -r .attestation_key.group)" = "$(jq -r .group_id "$kept.json")" ]
}

@test "stopped and started again: same URL, same enclave, same secret" {
  before=$(of_world broker)
  stop_world "$world"
  [ -z "$(find "$world" -type s)" ]
  start_world "$world"
  [ "$(of_world broker)" = "$before" ]
  run attest --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r '"\(.mrenclave) \(.secret_sha256)"')" = "$(jq -r '"\(.mrenclave) \(.secret_sha256)"' "$kept.json")" ]
}

@test "where somebody else has its ports meanwhile, it takes others" {
  stop_world "$world"
  squatters=
  for port in $(cat "$world/ports"); do
    openssl s_server -accept "127.0.0.1:$port" -nocert -www >/dev/null 2>&1 3>&- &
    squatters="$squatters $!"
    listens() { (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
    eventually 30 listens
  done
  before=$(of_world broker)
  start_world "$world"
  kill $squatters
  [ "$(of_world broker)" != "$before" ]
  run attest --json
  [ "$status" -eq 0 ] || { echo "$output"; cat "$world/logs/broker.log"; false; }
  [ "$(echo "$output" | sha256_of)" = "$(sha256_of <"$kept.json")" ]
}

@test "a second up in the same folder is refused and disturbs nothing" {
  run timeout 60 "$quotary" up --state "$world"
  [ "$status" -eq 3 ]
  [[ $output == *"$world"* ]]
  run attest
  [ "$status" -eq 0 ]
}

# service_pid VERB...: the world's own service.
service_pid() { pgrep -f -o -- "^quotary $* --state $world/"; }

@test "whichever service is killed: up says which, stops, and starts again whole" {
  for service in "broker:broker serve" "reports:endorser reports" "endorser:endorser serve" "platform:platform serve"; do
    up=$(cat "$world.pid")
    tree=$(descendants "$up")
    kill -KILL "$(service_pid "${service#*:}")"
    eventually 60 all_gone $tree
    grep -q "${service%%:*} has ended by itself" "$world.err" || { cat "$world.err"; false; }
    start_world "$world"
    run attest --json
    [ "$status" -eq 0 ] || { echo "$service: $output"; false; }
    [ "$(echo "$output" | sha256_of)" = "$(sha256_of <"$kept.json")" ]
  done
}

@test "a killed world starts again whole" {
  stop_world "$world" KILL
  start_world "$world"
  run attest --json
  [ "$status" -eq 0 ]
  [ "$(echo "$output" | jq -r .mrenclave)" = "$(jq -r .mrenclave "$kept.json")" ]
  "$quotary" broker releases --state "$world/broker" | grep -q "the chain is whole"
}

@test "killed at any moment while it is made, a world is whole when it is started again" {
  young=$BATS_TEST_TMPDIR/y
  for stage in endorser endorser/public/report-ca.pem endorser/public/images machine/machine/fuses logs/endorser.log broker \
      broker/secrets ports; do
    "$quotary" up --state "$young" --json >"$young.json" 2>"$young.err" 3>&- &
    pid=$!
    reached() { [ -e "$young/$stage" ] || gone $pid; }
    eventually 300 reached
    kill -KILL $pid || { cat "$young.err"; false; } # whatever it started stops by itself, while the next is starting
  done
  start_world "$young"
  run env world="$young" "$quotary" attest --broker "$(jq -r .broker "$young.json")" --secret $secret --json
  stop_world "$young"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}
