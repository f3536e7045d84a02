# SPDX-License-Identifier: Apache-2.0
# Shared by the command-line tests: where the program and the real data are, and a world to try things in.
project=$(readlink -f "$BATS_TEST_DIRNAME/../..")
build=$(readlink -f "${QUOTARY_BUILD:-$project/build/release}")
quotary=$build/quotary
vectors=${QUOTARY_VECTORS:-$project/../shared/vectors}
secret=demo/db-password # what `quotary up` keeps
export XDG_DATA_HOME=$BATS_RUN_TMPDIR/data # collateral that whoever runs the tests keeps stays out

# Real data is read, never kept here. CI always has it; elsewhere the test says that it was skipped.
need_vectors() {
  if [ ! -d "$vectors" ]; then
    [ -z "${CI:-}" ] || { echo "no vectors: set QUOTARY_VECTORS"; return 1; }
    skip "no vectors here: set QUOTARY_VECTORS"
  fi
}

# eventually SECONDS COMMAND...: until it succeeds. The one way to wait for something here.
eventually() {
  local until=$((SECONDS + $1)); shift
  until "$@"; do
    [ $SECONDS -lt $until ] || { echo "not within the time: $*"; return 1; }
    sleep 0.05
  done
}

# lacks PATTERN FILE, and the like: "!" before a command would not fail a test.
lacks() { ! grep -q "$@"; }

# ---- processes ----

# alive PID: it runs (what has ended and waits for its parent does not).
alive() { [ -r "/proc/$1/stat" ] && ! grep -qs '^State:.Z' "/proc/$1/status"; }
gone() { ! alive "$1"; }
all_gone() { local pid; for pid; do gone "$pid" || return 1; done; }

# descendants PID: it and all below it.
descendants() {
  ps -eo pid=,ppid= | awk -v top="$1" '{ parent[$1] = $2 }
    END { for (p in parent) { for (q = p; q in parent && q != top; q = parent[q]) {} if (q == top) print p } }'
}

# running_in FOLDER: services whose state is in it, by their command line.
running_in() { pgrep -f -- "$1/" || true; }
nothing_runs_in() { [ -z "$(running_in "$1")" ]; }
is_empty() { [ -z "$(ls -A "$1")" ]; }

# ---- a world ----

# has_said_broker FILE: the output of `quotary up --json` is there.
has_said_broker() { [ -s "$1" ] && jq -e .broker "$1" >/dev/null 2>&1; }

# start_world FOLDER: `quotary up --state FOLDER` in the background. Beside the folder: FOLDER.pid, .json, .err.
start_world() {
  : >"$1.json"
  "$quotary" up --state "$1" --json >"$1.json" 2>"$1.err" 3>&- &
  echo $! >"$1.pid"
  local world=$1
  up_or_gone() { has_said_broker "$world.json" || gone "$(cat "$world.pid")"; }
  eventually 300 up_or_gone
  has_said_broker "$1.json" || { cat "$1.err"; return 1; }
}

# stop_world FOLDER [SIGNAL]: and waits until all of its processes are gone.
stop_world() {
  local pid tree
  pid=$(cat "$1.pid")
  tree=$(descendants "$pid")
  kill "-${2:-INT}" "$pid" 2>/dev/null || true
  eventually 60 all_gone $tree
}

# of_world MEMBER: what `quotary up --json` said: broker, reports, platform, ...
of_world() { jq -r ".$1" "$world.json"; }

# attest [OPTION...]: against the world, for its own secret unless --secret is given.
attest() {
  case " $* " in *" --secret "*) ;; *) set -- --secret "$secret" "$@" ;; esac
  "$quotary" attest --broker "$(of_world broker)" "$@"
}

# The broker's own record of its latest appraisal.
latest_verdict() { cat "$(ls -td "$world"/broker/reports/*/ | head -n 1)/verdict.json"; }
# failed_checks: the ids, in order, one a line.
failed_checks() { latest_verdict | jq -r '.checks[] | select(.outcome == "failed") | .id'; }

# policy JQ-FILTER...: the world's own policy, changed and one version further.
policy() { jq "${1:-.} | .version += 1" "$world/broker/secrets/$secret/policy.json"; }
