#!/usr/bin/env bash
# The quality checks: the release binary against the corpora beside the checkout. Figures are
# printed; the floors in tests/quality.floors only ever rise.
#   bash tests/quality.sh [SHARED_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${1:-../shared}
if [ ! -d "$shared/corpora" ]; then
  echo "SKIPPED, NOT CHECKED: there are no corpora at $shared; no quality figure was taken"
  exit 0
fi
cargo build --release --quiet
bin=${CARGO_TARGET_DIR:-target}/release/wireroom
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

echo "== feeds: $shared/corpora/feeds"
"$bin" feed --batch "$shared/corpora/feeds/records.jsonl" > "$out/feeds.jsonl"
python3 "$shared/score/feeds.py" --records "$shared/corpora/feeds/records.jsonl" --pred "$out/feeds.jsonl" \
  --kind feed --json "$out/feeds.json"

echo "== feeds: single faults in feeds of our own making"
cargo test --quiet --test it every_fault_costs_at_most_one_entry -- --ignored --nocapture | grep '^single faults'

echo "== dates: every date string of $shared/corpora/feeds"
python3 tests/quality-dates.py "$bin" "$shared" "$out"

echo "== lists of feeds: $shared/corpora/feeds"
python3 tests/quality-opml.py "$bin" "$shared" "$out"
echo "== addresses: $shared/corpora/dedup/urls.json"
WIREROOM_SHARED=$(realpath "$shared") WIREROOM_FIGURES=$out/addresses.json \
  cargo test --quiet --test it address::the_pairs_of_the_corpus -- --ignored --nocapture

echo "== extraction: $shared/corpora/extraction, core news set"
for manifest in "$shared"/corpora/extraction/*/manifest.jsonl; do
  "$bin" extract --batch "$manifest"
done > "$out/pages.jsonl"
python3 "$shared/score/extraction.py" --corpus "$shared/corpora/extraction" "$out/pages.jsonl" --json "$out/pages.json"

echo "== stories: $shared/corpora/dedup"
"$bin" dedup --batch "$shared/corpora/dedup/docs.jsonl" > "$out/dedup.jsonl"
python3 tests/quality-dedup.py "$shared" "$out/dedup.jsonl" "$out"

echo "== floors"
python3 tests/quality.py "$out" tests/quality.floors
