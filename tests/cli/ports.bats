#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The ports that a world keeps: a file that says anything but three of them is not guessed at.
load common

@test "a damaged file of ports is refused before any service starts" {
  world=$BATS_TEST_TMPDIR/w
  mkdir -m 700 "$world"
  for ports in '123456 7 8\n' '1 2 3 4\n' '1 2\n' '1 2 3' '-1 2 3\n' '1 2 65536\n' ' 1 2 3\n' ''; do
    printf -- "$ports" >"$world/ports"
    run timeout --signal=INT 60 "$quotary" up --state "$world"
    [ "$status" -eq 3 ] || { echo "\"$ports\": $status: $output"; false; }
    [[ $output == *"$world/ports: three ports are expected"* ]] || { echo "\"$ports\": $output"; false; }
    nothing_runs_in "$world"
  done
}
