#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The same world put together verb by verb, as somebody would who runs the parts on machines of their own.
load common

setup_file() {
  export here=$BATS_FILE_TMPDIR
  cd "$here"
  umask 077
  "$quotary" endorser init --state endorser >init.endorser
  "$quotary" platform init --state machine --endorser endorser --record record.json >init.machine
  serve endorser endorser serve --state endorser
  serve reports endorser reports --state endorser
}

teardown_file() {
  local name
  for name in broker platform reports endorser; do
    [ ! -e "$here/$name.pid" ] || kill -TERM "$(cat "$here/$name.pid")" || true
  done
  for name in broker platform reports endorser; do
    [ ! -e "$here/$name.pid" ] || eventually 60 gone "$(cat "$here/$name.pid")"
  done
}

# serve NAME VERB...: in the background; its first line, where it is, goes to NAME.ready.
serve() {
  local name=$1; shift
  : >"$here/$name.ready"
  "$quotary" "$@" >"$here/$name.ready" 2>"$here/$name.log" 3>&- &
  echo $! >"$here/$name.pid"
  eventually 120 test -s "$here/$name.ready"
}
where() { head -n 1 "$here/$1.ready"; }

setup() { cd "$here"; }

@test "services say where they are, and nothing else, on standard output" {
  [[ $(cat endorser.ready) == http://127.0.0.1:* ]]
  [[ $(cat reports.ready) == https://127.0.0.1:* ]]
}

@test "an endorser is served by one process" {
  run timeout 20 "$quotary" endorser serve --state endorser
  [ "$status" -eq 3 ]
  [[ $output == *"endorser/issuer/service.lock is held by another process"* ]]
}

@test "a folder that is taken is not made again" {
  run "$quotary" endorser init --state endorser
  [ "$status" -eq 3 ]
  [[ $output == *endorser* ]]
  run "$quotary" platform init --state machine --endorser endorser --record other.json
  [ "$status" -eq 3 ]
  [ ! -e other.json ]
}

@test "the factory record is private; a machine that was not enrolled gets no key" {
  [ "$(stat -c %a record.json)" = 600 ]
  serve platform platform serve --state machine --socket platform.sock --images endorser/public/images --provisioning "$(where endorser)"
  run "$quotary" platform describe --socket platform.sock --json
  [ "$(echo "$output" | jq -r .attestation_key)" = null ]
  run "$quotary" attest --broker https://127.0.0.1:1 --secret x --ca endorser/public/tls-ca.pem \
    --enclave endorser/public/images/quotary-qe.image --platform simulated:platform.sock
  [ "$status" -ne 0 ]
}

@test "enrolled, subscribed, signed: the broker gives its secret" {
  "$quotary" endorser enroll --state endorser record.json
  rm record.json
  spid=00112233445566778899aabbccddeeff
  "$quotary" endorser subscribe --state endorser --spid $spid --linkable --name "by hand" --out api-key
  [ "$(stat -c %a api-key)" = 600 ]
  "$quotary" broker init --state broker --spid $spid --report-url "$(where reports)" --report-ca endorser/public/tls-ca.pem --report-key api-key
  "$quotary" enclave key --out signer.pem
  mrenclave=$("$quotary" enclave sign --provider-key broker/provider.pub --key signer.pem --out my.enclave --json | jq -r .mrenclave)
  sed -n '/^  {/,$p' init.endorser | # as it says what a policy must name
    jq --arg mrenclave "$mrenclave" '{policy: 1, version: 1, roots: [.], enclave: {mrenclave: [$mrenclave]}, statuses: ["OK"]}' >policy.json
  [ "$(jq -r '.roots[0].simulated' policy.json)" = "$(openssl x509 -in endorser/public/report-ca.pem -outform DER | sha256sum | cut -d' ' -f1)" ]
  echo "the secret" | "$quotary" broker secret --state broker put by-hand --policy policy.json --from -
  serve broker broker serve --state broker
  [[ $(cat broker.ready) == https://127.0.0.1:* ]]
  run "$quotary" attest --broker "$(where broker)" --secret by-hand --ca broker/ca.pem --enclave my.enclave --platform simulated:platform.sock --json
  [ "$status" -eq 0 ] || { echo "$output"; cat broker.log platform.log; false; }
  [ "$(echo "$output" | jq -r .secret_sha256)" = "$(echo "the secret" | sha256sum | cut -d' ' -f1)" ]
}

@test "one broker serves a folder at a time" {
  run timeout 60 "$quotary" broker serve --state broker
  [ "$status" -eq 3 ]
  [[ $output == *"another process"* ]]
}

@test "a broker with a key that is not subscribed cannot decide: exit 3, and its log says why" {
  kill -TERM "$(cat broker.pid)"
  eventually 60 gone "$(cat broker.pid)"
  cp broker/report-service-keys kept-keys
  echo 00112233445566778899aabbccddeeff >broker/report-service-keys
  serve broker broker serve --state broker
  run "$quotary" attest --broker "$(where broker)" --secret by-hand --ca broker/ca.pem --enclave my.enclave --platform simulated:platform.sock
  cp kept-keys broker/report-service-keys
  [ "$status" -eq 3 ]
  grep -q 401 broker.log
}

@test "a report service that is away leaves it undecided; back again, all goes on" {
  kill -TERM "$(cat broker.pid)" "$(cat reports.pid)"
  eventually 60 all_gone "$(cat broker.pid)" "$(cat reports.pid)"
  serve broker broker serve --state broker
  run "$quotary" attest --broker "$(where broker)" --secret by-hand --ca broker/ca.pem --enclave my.enclave --platform simulated:platform.sock
  [ "$status" -eq 3 ]
  port=$(where reports | grep -oE '[0-9]+$')
  serve reports endorser reports --state endorser --port "$port"
  run "$quotary" attest --broker "$(where broker)" --secret by-hand --ca broker/ca.pem --enclave my.enclave --platform simulated:platform.sock
  [ "$status" -eq 0 ]
}

@test "another group is made and named" {
  run "$quotary" endorser add-group --state endorser --level 5
  [ "$status" -eq 0 ]
  [[ $output =~ ^[0-9a-f]{8}$ ]]
  [ -e "endorser/public/groups/$output/pubkey.bin" ]
  run "$quotary" endorser add-group --state endorser --level 0
  [ "$status" -eq 2 ]
}
