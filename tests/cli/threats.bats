#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs/threats.md says what is so: each check that a row names is one, and a test that the row names asserts its id.
load common

# The rows of identity, policy and DCAP: number, checks, test files, each in a column.
rows() { sed -nE 's/^\| ([DI][0-9]+) \|[^|]*\|([^|]*)\|([^|]*)\|$/\1\t\2\t\3/p' "$project/docs/threats.md"; }

# names_and_ids: every check of the tables.
names_and_ids() {
  cat "$project"/include/quotary/checks/*.def | tr '\n' ' ' |
    grep -oE 'QY_CHECK_ROW\( *[A-Z0-9_]+, *"[a-z0-9-]+"' | sed -E 's/.*\( *([A-Z0-9_]+), *"(.*)"/\2 \1/'
}

# files_of COLUMN: a folder holds for the files behind it.
files_of() {
  local file folder=
  for file in $(grep -oE '[a-z_0-9/]+\.c' <<<"$1"); do
    [[ $file != */* ]] || folder=${file%/*}
    echo "$project/tests/$folder/${file##*/}"
  done
}

@test "each row of the threats D01 to D25 and I01 to I12 names checks that its tests assert" {
  names_and_ids >"$BATS_TEST_TMPDIR/checks"
  count=0
  while IFS=$'\t' read -r row checks tests; do
    files=$(files_of "$tests")
    [ -n "$files" ] || { echo "$row: no test"; false; }
    ls $files >/dev/null
    for name in $(grep -oE '`[a-z0-9-]+`' <<<"$checks" | tr -d '`'); do
      id=$(awk -v name="$name" '$1 == name { print $2 }' "$BATS_TEST_TMPDIR/checks")
      [ -n "$id" ] || { echo "$row: no check is called $name"; false; }
      # POLICY_ is put before some by a macro of the test
      grep -qE "QY_CHECK_$id\b|[(, ]${id#POLICY_}, \"" $files || { echo "$row: $name is not in $files"; false; }
      count=$((count + 1))
    done
  done < <(rows)
  [ "$count" -gt 100 ]
}

@test "no row of D01 to D24 and I01 to I12 is missing, and every check has a test that turns red without it" {
  expected=$(printf 'D%02d\n' {1..24}; printf 'I%02d\n' {1..12})
  [ "$(rows | cut -f1 | sort -u)" = "$expected" ] || { diff <(rows | cut -f1 | sort -u) <(echo "$expected"); false; }
  names_and_ids | cut -d' ' -f1 | sort >"$BATS_TEST_TMPDIR/checks"
  awk '{ print $1 }' "$project/tests/mutation.txt" | sort >"$BATS_TEST_TMPDIR/noticed"
  diff "$BATS_TEST_TMPDIR/checks" "$BATS_TEST_TMPDIR/noticed"
}
