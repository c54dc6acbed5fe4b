#!/usr/bin/env bash
# Real input: the fundus pages, served with a feed each from loopback, ingested by `wireroom once`.
# Every page must be filed, none lost, 95 % of them with a title and a body.
#   bash tests/real-input.sh [SHARED_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
pages=${1:-../shared}/corpora/extraction/fundus
if [ ! -f "$pages/manifest.jsonl" ]; then
  echo "SKIPPED, NOT CHECKED: there are no pages at $pages; real input was not tried"
  exit 0
fi
cargo build --release --quiet
python3 tests/real-input.py "$pages" "${CARGO_TARGET_DIR:-target}/release/wireroom"
