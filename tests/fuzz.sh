#!/usr/bin/env bash
# Fuzzes whatever reads strangers' bytes: executions, coverage and crashes of each target.
#   bash tests/fuzz.sh [SECONDS_PER_TARGET] [TARGET…]
# Needs `cargo install cargo-fuzz`; runs on the stable compiler, without sanitizers (there is no unsafe code of ours).
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
if ! cargo fuzz --version > /dev/null 2>&1; then
  echo "SKIPPED, NOT CHECKED: cargo-fuzz is not installed (cargo install cargo-fuzz)"
  exit 0
fi
fixtures=$(pwd)/tests/fixtures
cd fuzz
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | grep -v '^wireroom-fuzz$')
fi

# Seeds: our fixtures, once.
seed() { # TARGET FILE…
  local target=$1 file
  shift
  mkdir -p "corpus/$target"
  for file in "$@"; do
    [ -f "$file" ] && cp -n "$file" "corpus/$target/$(echo "$file" | sha256sum | cut -c1-16)"
  done
  return 0
}
seed feed "$fixtures"/feeds/*/input.*
seed json_feed "$fixtures"/feeds/json*/input.*
seed sitemap "$fixtures"/feeds/*sitemap*/input.* 
seed page "$fixtures"/pages/*/*.html
for target in dates robots address dedup opml structured selectors; do mkdir -p "corpus/$target"; done
printf '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example.org/rss"/></body></opml>' > corpus/opml/plain
printf 'Tue, 23 Apr 2024 21:00:00 +0400' > corpus/dates/rfc
printf '2024-04-23T21:00:00.5+04:00' > corpus/dates/iso
printf '23 апреля 2024, 21:00' > corpus/dates/words
printf 'User-agent: *\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 2\n' > corpus/robots/plain
printf '/news/2024/?b=2&a=1&utm_source=x#top' > corpus/address/relative
printf 'https://www.example.co.uk:443/a/../b/%%7Ec;x?q' > corpus/address/absolute
printf '{"@type":"NewsArticle","headline":"Ship sinks","author":[{"name":"Jane Roe"}],"datePublished":"2024-04-23T10:00:00Z"}' > corpus/structured/article
printf 'article > p:not(.by), [class~="story"] h1:first-child' > corpus/selectors/plain
printf 'A title\nThe port authority said on Tuesday that the third berth had opened, as planned, two years late.\n' > corpus/dedup/text

cargo fuzz build -s none 2>&1 | grep -v '^warning' | tail -3
failed=0
for target in "${targets[@]}"; do
  log=$(mktemp)
  if nice -n 19 cargo fuzz run -s none "$target" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 > "$log" 2>&1; then
    state=clean
  else
    state=FAILED
    failed=1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
  coverage=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -1)
  slowest=$(sed -n 's/^stat::slowest_unit_time_sec: *//p' "$log" | tail -1)
  printf '%-10s %-7s executions %-10s coverage %-7s slowest %ss\n' "$target" "$state" "${runs:-?}" "${coverage:-?}" "${slowest:-?}"
  [ "$state" = clean ] || grep -E 'panicked|ERROR|SUMMARY|Test unit written|artifact_prefix' -A1 "$log" | head -20
  rm -f "$log"
done
exit $failed
