#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# library.sh CMAKE BUILD CC SANITIZERS: installs the library into an empty prefix. Each header must compile alone, in C and
# in C++; the library must show nothing but what the headers declare; and the example must build with what pkg-config
# says, and run.
set -eu
cmake=$1 build=$2 cc=$3 sanitizers=$4
source=$(cd "$(dirname "$0")/../.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
"$cmake" --install "$build" --component library --prefix "$prefix" >"$prefix/log" || { cat "$prefix/log"; exit 1; }
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name quotary.pc)")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags quotary)

cxx=$(command -v c++ || command -v clang++)
for header in "$prefix"/include/quotary/*.h; do
  echo "#include <quotary/$(basename "$header")>" >"$prefix/alone"
  # shellcheck disable=SC2086
  "$cc" $flags -std=c17 -Wall -Wextra -Werror -fsyntax-only -x c "$prefix/alone"
  # shellcheck disable=SC2086
  "$cxx" $flags -std=c++17 -Wall -Wextra -Werror -fsyntax-only -x c++ "$prefix/alone"
done

nm -g --defined-only "$(find "$prefix" -name libquotary.a)" | awk 'NF == 3 { print $3 }' >"$prefix/symbols"
cat "$prefix"/include/quotary/*.h >"$prefix/headers"
while read -r symbol; do
  case $symbol in __*|DW.*) continue ;; esac # the compiler's own
  grep -qw "$symbol" "$prefix/headers" || { echo "the library shows $symbol, which no header declares"; exit 1; }
done <"$prefix/symbols"
grep -qx qy_epid_verify "$prefix/symbols"

# shellcheck disable=SC2046,SC2086
"$cc" -Wall -Wextra -Werror ${sanitizers:+-fsanitize=$sanitizers} "$source/example/epid.c" -o "$prefix/epid" \
  $(pkg-config --cflags --libs quotary)
"$prefix/epid" >"$prefix/said"
grep -qx 'a message: valid' "$prefix/said"
grep -qx 'another message: invalid' "$prefix/said"
[ "$(wc -l <"$source/example/epid.c")" -lt 80 ] || { echo "example/epid.c is not below 80 lines"; exit 1; }
