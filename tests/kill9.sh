#!/usr/bin/env bash
# Kill -9 at 50 seeded instants within 1 to 2,000 ms while articles flow; what was killed between fetch
# and commit is counted against the request log, and the promise is checked at the end.
#   bash tests/kill9.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
WIREROOM_TEST_KILLS=${1:-50} cargo test --test it kill_9_loses_nothing -- --nocapture | grep -a -e "kill -9" -e "test result"
