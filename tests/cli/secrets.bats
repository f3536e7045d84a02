#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A secret is where it belongs and nowhere else; what is private is private; the record of releases shows a change.
load common

canary='The owl of Minerva flies at dusk: 7f3a91c2'

setup_file() {
  export world=$BATS_FILE_TMPDIR/w
  export kept=$BATS_FILE_TMPDIR/kept
  export out=$BATS_FILE_TMPDIR/out
  mkdir "$out"
  start_world "$world"
  policy >"$BATS_FILE_TMPDIR/policy.json"
  printf '%s' "$canary" | "$quotary" broker secret --state "$world/broker" put owl --policy "$BATS_FILE_TMPDIR/policy.json" --from - >"$out/put" 2>&1
  attest --secret owl --keep "$kept" --explain >"$out/attest" 2>&1
  attest --secret owl --json >"$out/attest.json" 2>&1
  attest --secret owl/no >"$out/attest-no" 2>&1 || true
  "$quotary" broker secret --state "$world/broker" list >"$out/list" 2>&1
  "$quotary" broker secret --state "$world/broker" digest owl >"$out/digest" 2>&1
  "$quotary" broker releases --state "$world/broker" >"$out/releases" 2>&1
}

teardown_file() { stop_world "$world"; }

# forms TEXT: how it could be found again, one a line, for grep -F: itself, hex, base64 at each of the three offsets.
forms() {
  printf '%s\n' "$1"
  printf '%s' "$1" | xxd -p -c 10000
  printf '%s' "$1" | xxd -u -p -c 10000
  printf '%s' "$1" | base64 -w0 | cut -c1-40
  printf 'x%s' "$1" | base64 -w0 | cut -c5-40
  printf 'xx%s' "$1" | base64 -w0 | cut -c5-40
}

@test "the secret arrived" {
  [ "$(cat "$out/digest")" = "$(printf '%s' "$canary" | sha256sum | cut -d' ' -f1)" ]
  [ "$(jq -r .secret_sha256 "$out/attest.json")" = "$(cat "$out/digest")" ]
}

@test "it lies in one file" {
  forms "$canary" >"$BATS_TEST_TMPDIR/forms"
  run grep -rlaF -f "$BATS_TEST_TMPDIR/forms" "$BATS_FILE_TMPDIR"
  [ "$output" = "$world/broker/secrets/owl/secret.bin" ] || { echo "$output"; false; }
}

@test "it is on no command line and in no environment, nor are the world's keys" {
  { forms "$canary"
    while read -r key; do forms "$key"; done <"$world/broker/report-service-keys"
  } >"$BATS_TEST_TMPDIR/forms"
  for pid in $(descendants "$(cat "$world.pid")"); do
    for what in cmdline environ; do
      cat "/proc/$pid/$what" >"$BATS_TEST_TMPDIR/it" 2>/dev/null || continue # not readable: better still
      tr '\0' '\n' <"$BATS_TEST_TMPDIR/it" | lacks -aF -f "$BATS_TEST_TMPDIR/forms" || { echo "$pid $what"; false; }
    done
  done
}

@test "private keys, API keys and the machine's fuses are in no log and no output" {
  { while read -r key; do forms "$key"; done <"$world/broker/report-service-keys"
    find "$world" -name '*.pem' -o -name '*.key' | xargs grep -l 'PRIVATE KEY' | xargs grep -hv -- '-----' | awk 'length > 40'
    fuses=$(xxd -p -c 100000 "$world/machine/machine/fuses")
    for ((i = 0; i + 32 <= ${#fuses}; i += 32)); do # what is not a header or zeros
      [[ ${fuses:i:32} == *0000* ]] || echo "${fuses:i:32}"
    done
  } >"$BATS_TEST_TMPDIR/forms"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/forms")" -gt 50 ]
  run grep -laF -f "$BATS_TEST_TMPDIR/forms" -r "$world/logs" "$out" "$kept" "$world/broker/reports" "$world/endorser/public"
  [ "$output" = "" ] || { echo "$output"; false; }
}

@test "every folder is 0700, every file that holds a secret 0600, the socket too" {
  [ -z "$(find "$world" -type d -not -perm 0700)" ] || { find "$world" -type d -not -perm 0700; false; }
  [ -z "$(find "$world" -type s -not -perm 0600)" ]
  [ -z "$(find "$world/logs" -type f -not -perm 0600)" ]
  [ -z "$(find "$world/endorser/issuer" "$world/endorser/reports" -type f -not -perm 0600)" ]
  [ -z "$(find "$world/machine/machine" -type f -not -perm 0600)" ]
  private=$(grep -rlI 'PRIVATE KEY' "$world")
  [ "$(echo "$private" | wc -l)" -ge 8 ]
  for file in $private $world/broker/secrets/owl/secret.bin $world/broker/releases.log $world/broker/report-service-keys \
      $world/machine/epid.blob; do
    [ "$(stat -c %a "$file")" = 600 ] || { stat -c '%a %n' "$file"; false; }
  done
  # and nothing at all is writable by others
  [ -z "$(find "$world" -not -type l -perm /022)" ]
}

@test "no factory record is left once the machine is enrolled" {
  [ ! -e "$world/machine/factory-record.json" ]
  [ -e "$world/machine/enrolled" ]
}

@test "services leave no core dumps and are not to be traced" {
  for pid in $(descendants "$(cat "$world.pid")"); do
    case $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -d' ' -f2,3) in
      "endorser serve" | "endorser reports" | "platform serve" | "broker serve")
        grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits" || { echo "$pid may dump"; false; }
        # The kernel gives the files of a process that is not dumpable to root.
        [ "$(id -u)" -eq 0 ] || [ "$(stat -c %u "/proc/$pid/environ")" -eq 0 ] ;;
    esac
  done
}

@test "a secret that others may read is not released, and said to be so" {
  chmod 644 "$world/broker/secrets/owl/secret.bin"
  run attest --secret owl
  chmod 600 "$world/broker/secrets/owl/secret.bin"
  [ "$status" -eq 3 ] # no refusal of the enclave
  grep -q "secret.bin may be read by others" "$world/logs/broker.log"
  run attest --secret owl
  [ "$status" -eq 0 ]
}

@test "the secret does not go in by the command line" {
  run "$quotary" broker secret --state "$world/broker" put cli "$canary" --policy "$BATS_FILE_TMPDIR/policy.json"
  [ "$status" -eq 2 ]
}

@test "the record of releases: one line each, and a changed, dropped or added line is found" {
  ledger=$world/broker/releases.log
  count=$(wc -l <"$ledger")
  [ "$count" -ge 3 ]
  [ "$("$quotary" broker releases --state "$world/broker")" = "$count releases, the chain is whole" ]
  jq -e '.secret == "owl" and .simulated and (.mrenclave | length == 64)' <(tail -n 1 "$ledger")
  cp "$ledger" "$BATS_TEST_TMPDIR/whole"
  for edit in '1s/owl/elk/' '1d' '2p' '2s/"simulated":true/"simulated":false/'; do
    sed "$edit" "$BATS_TEST_TMPDIR/whole" >"$ledger"
    run "$quotary" broker releases --state "$world/broker"
    cp "$BATS_TEST_TMPDIR/whole" "$ledger"
    [ "$status" -eq 1 ] || { echo "$edit: $output"; false; }
    [[ $output == *"does not follow"* ]]
  done
  run "$quotary" broker releases --state "$world/broker"
  [ "$status" -eq 0 ]
}
