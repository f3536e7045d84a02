#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The demonstration: what it tells, and that it leaves nothing behind, however it ends.
load common

# Two demonstrations side by side, one told as text and one as data.
setup_file() {
  export told=$BATS_FILE_TMPDIR
  export TMPDIR=$told/tmp
  mkdir "$TMPDIR"
  "$quotary" demo >"$told/text" 2>"$told/text.err" 3>&- &
  local text=$!
  "$quotary" demo --json >"$told/json" 2>"$told/json.err" 3>&- &
  local json=$!
  while alive $text || alive $json; do # whatever they start
    descendants $text
    descendants $json
    sleep 0.05
  done >"$told/seen"
  wait $text && echo 0 >"$told/text.code" || echo $? >"$told/text.code"
  wait $json && echo 0 >"$told/json.code" || echo $? >"$told/json.code"
}

@test "two demonstrations side by side succeed and say nothing on standard error" {
  cat "$told"/*.err
  [ "$(cat "$told/text.code")" -eq 0 ]
  [ "$(cat "$told/json.code")" -eq 0 ]
  [ ! -s "$told/text.err" ]
  [ ! -s "$told/json.err" ]
}

@test "enclave and broker name the same SHA-256" {
  run jq -r '[.. | objects | .enclave_sha256 // empty][0], [.. | objects | .broker_sha256 // empty][0]' "$told/json"
  [ "${#lines[0]}" -eq 64 ]
  [ "${lines[0]}" = "${lines[1]}" ]
  sums=$(grep -oE 'sha256 [0-9a-f]{64}' "$told/text")
  [ "$(echo "$sums" | wc -l)" -eq 2 ]
  [ "$(echo "$sums" | sort -u | wc -l)" -eq 1 ]
}

@test "each world has keys of its own" {
  sum=$(jq -r '[.. | objects | .enclave_sha256 // empty][0]' "$told/json")
  lacks "$sum" "$told/text"
  mrenclave=$(jq -r '[.. | objects | .mrenclave // empty | strings][0]' "$told/json")
  [ "${#mrenclave}" -eq 64 ]
  lacks "MRENCLAVE ${mrenclave:0:8}" "$told/text"
}

@test "the story tells every message, what is measured, and that all is simulated" {
  for word in simulated MRENCLAVE "prov 1" "prov 4" msg0+msg1 msg2 msg3 msg4 provider-signature msg2-mac qe-report-mac avr-signature; do
    grep -qF "$word" "$told/text" || { echo "not told: $word"; false; }
  done
  [ "$(head -n 1 "$told/text" | grep -c simulated)" -eq 1 ]
}

@test "it answers the four questions" {
  [ "$(jq '.answers | length' "$told/json")" -eq 4 ]
  jq -r '.answers[].question' "$told/json" | while read -r question; do
    grep -qF "$question" "$told/text" || { echo "not asked: $question"; false; }
  done
  for word in provider signature "report service" secret; do
    jq -r '.answers[].question' "$told/json" | grep -qF "$word" || { echo "no question about: $word"; false; }
  done
}

@test "a trust domain takes the same secret" {
  [ "$(jq -r '.chapters[] | select(.id == "tdx") | .mrtd' "$told/json" | wc -c)" -eq 97 ]
  for word in "trust domain" MRTD own-quote "TD report body"; do
    grep -qF "$word" "$told/text" || { echo "not told: $word"; false; }
  done
}

@test "text and data have the same chapters and messages" {
  jq -r '.chapters[].title' "$told/json" | while read -r title; do
    grep -qF "$title" "$told/text" || { echo "not in the text: $title"; false; }
  done
  jq -r '.chapters[] | .messages // [] | .[].name' "$told/json" | while read -r name; do
    grep -qF "$name" "$told/text" || { echo "not in the text: $name"; false; }
  done
  [ "$(jq '[.chapters[] | .messages // [] | .[]] | length' "$told/json")" -ge 5 ]
}

@test "every check that is told held" {
  lacks '✗' "$told/text"
  [ "$(jq '[.. | objects | select(.outcome? == "failed")] | length' "$told/json")" -eq 0 ]
  [ "$(jq '[.. | objects | select(.outcome? == "held")] | length' "$told/json")" -ge 30 ]
}

@test "colour on a terminal only, and not where NO_COLOR is set" {
  lacks "$(printf '\033')" "$told/text"
  run env TERM=xterm script -qec "'$quotary' doctor" /dev/null
  [[ $output == *$'\033'* ]]
  run env TERM=xterm NO_COLOR=1 script -qec "'$quotary' doctor" /dev/null
  [[ $output != *$'\033'* ]]
  run env TERM=dumb script -qec "'$quotary' doctor" /dev/null
  [[ $output != *$'\033'* ]]
}

@test "nothing is left of them: no process, no file" {
  [ "$(sort -u "$told/seen" | wc -l)" -ge 16 ] # demo, janitor, four services, processor, enclaves; twice
  all_gone $(sort -u "$told/seen")
  is_empty "$TMPDIR"
}

# interrupt_demo FILE: once the file is there in the demonstration's folder.
interrupt_demo() {
  env --default-signal=INT "$quotary" demo >"$told/cut" 2>&1 3>&- &
  local pid=$! tree
  reached() { compgen -G "$TMPDIR/quotary-*/$file" >/dev/null || gone $pid; }
  local file=$1
  eventually 120 reached
  tree=$(descendants $pid)
  kill -INT $pid || true
  eventually 60 all_gone $tree
  is_empty "$TMPDIR"
}

@test "an interrupted demonstration leaves nothing either, whenever it is" {
  interrupt_demo endorser
  interrupt_demo logs/reports.log
}

@test "Ctrl-C ends up at once, with exit code 0 and nothing left" {
  env --default-signal=INT "$quotary" up >"$told/up" 2>&1 3>&- &
  pid=$!
  told_all() { grep -q "Ctrl-C stops everything" "$told/up"; }
  eventually 120 told_all
  url=$(grep -oE 'https://127.0.0.1:[0-9]+' "$told/up" | tail -n 1)
  grep -qF "quotary attest --broker $url --secret $secret" "$told/up"
  tree=$(descendants $pid)
  [ "$(echo "$tree" | wc -l)" -ge 9 ]
  kill -INT $pid
  wait $pid
  eventually 60 all_gone $tree
  grep -q stopped "$told/up"
  is_empty "$TMPDIR"
  run "$quotary" attest --broker "$url" --secret $secret
  [ "$status" -eq 2 ]
  [[ $output == *"no \`quotary up\` of this user serves $url"* ]]
}

@test "a killed up takes its services, enclaves and folder with it" {
  "$quotary" up --json >"$told/up.json" 2>"$told/up.err" 3>&- &
  pid=$!
  eventually 120 has_said_broker "$told/up.json"
  tree=$(descendants $pid)
  [ "$(echo "$tree" | wc -l)" -ge 9 ]
  url=$(jq -r .broker "$told/up.json")
  kill -KILL $pid
  eventually 60 all_gone $tree
  is_empty "$TMPDIR"
  run "$quotary" attest --broker "$url" --secret $secret
  [ "$status" -ne 0 ]
}
