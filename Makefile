# SPDX-License-Identifier: Apache-2.0
.PHONY: all setup demo check bench fuzz format
all: ; @tools/build release product
setup: ; @tools/bootstrap
demo: setup ; @tools/build release product && build/release/quotary demo
check: setup ; @tools/check
bench: setup ; @tools/build release bench && build/release/bench/bench build/bench.json
fuzz: setup ; @tools/fuzz
format: setup ; @tools/format
