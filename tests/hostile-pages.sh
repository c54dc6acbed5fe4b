#!/usr/bin/env bash
# Pages made to cost, eight MiB each: CPU time and the peak of memory of each, none over a second or 200 MB.
#   bash tests/hostile-pages.sh [NAME…]
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --example page_cost
"${CARGO_TARGET_DIR:-target}/release/examples/page_cost" hostile "$@"
