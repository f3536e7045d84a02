# SPDX-License-Identifier: Apache-2.0
.PHONY: all install setup demo check bench bench-peers bench-constant-time fuzz format
PREFIX = /usr/local
all: ; @tools/build release product
install: all ; @cmake --install build/release --component product --prefix $(PREFIX)
setup: ; @tools/bootstrap
demo: setup ; @tools/build release product && build/release/quotary demo
check: setup ; @tools/check
bench: setup ; @tools/build release bench && build/release/bench/bench build/bench.json
bench-peers: setup ; @tools/bench-peers
bench-constant-time: setup ; @tools/build release bench_ctime && build/release/bench/bench_ctime
fuzz: setup ; @tools/fuzz
format: setup ; @tools/format
