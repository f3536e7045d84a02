#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What `make install` leaves works without the tree that it came from.
load common

setup_file() {
  export prefix=$BATS_FILE_TMPDIR/a/prefix
  cmake --install "$build" --component product --prefix "$prefix"
}

@test "the enclaves are installed as they were built: a changed byte would be another measurement" {
  [ "$(ls "$prefix/libexec/quotary" | wc -l)" -eq 8 ]
  for program in "$prefix"/libexec/quotary/*; do
    cmp "$program" "$build/$(basename "$program")"
  done
}

@test "the installed command finds its enclaves, and says where" {
  run "$prefix/bin/quotary" doctor
  [[ $output == *"enclave programs"*"all are in $prefix/libexec/quotary"* ]]
}

@test "an enclave that is missing is named" {
  mv "$prefix/libexec/quotary/quotary-td" "$BATS_TEST_TMPDIR"
  run "$prefix/bin/quotary" doctor
  mv "$BATS_TEST_TMPDIR/quotary-td" "$prefix/libexec/quotary"
  [[ $output == *"quotary-td is missing in $prefix/libexec/quotary"* ]]
}

@test "the installed command runs the demo" {
  cd "$BATS_TEST_TMPDIR"
  run "$prefix/bin/quotary" demo
  [ "$status" -eq 0 ]
  [[ $output == *msg4* ]]
}

@test "the manuals are installed" {
  [ -s "$prefix/share/man/man1/quotary.1" ]
  [ -s "$prefix/share/man/man1/quotary-epid.1" ]
}
