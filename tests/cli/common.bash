# SPDX-License-Identifier: Apache-2.0
# Shared by the command-line tests: where the program and the real data are.
project="$BATS_TEST_DIRNAME/../.."
build=${QUOTARY_BUILD:-$project/build/release}
quotary=$build/quotary
vectors=${QUOTARY_VECTORS:-$project/../shared/vectors}

# Real data is read, never kept here. CI always has it; elsewhere the test says that it was skipped.
need_vectors() {
  if [ ! -d "$vectors" ]; then
    [ -z "${CI:-}" ] || { echo "no vectors: set QUOTARY_VECTORS"; return 1; }
    skip "no vectors here: set QUOTARY_VECTORS"
  fi
}

# Starts `quotary up` in the background with its state in $1; waits until it has said how to attest.
start_world() {
  world=$1; shift
  "$quotary" up --state "$world" --json "$@" >"$BATS_TEST_TMPDIR/up.json" 2>"$BATS_TEST_TMPDIR/up.err" 3>&- &
  world_pid=$!
  for _ in $(seq 200); do
    jq -e .broker "$BATS_TEST_TMPDIR/up.json" >/dev/null 2>&1 && break
    kill -0 "$world_pid" 2>/dev/null || { cat "$BATS_TEST_TMPDIR/up.err"; return 1; }
    sleep 0.1
  done
  broker=$(jq -r .broker "$BATS_TEST_TMPDIR/up.json")
}

stop_world() {
  [ -n "${world_pid:-}" ] || return 0
  kill -INT "$world_pid" 2>/dev/null || true
  wait "$world_pid" 2>/dev/null || true
  world_pid=
}

# Processes of this build that still run, by their command line.
leftovers() {
  pgrep -af "$(readlink -f "$build")/quotary" | grep -v "bats" || true
}
