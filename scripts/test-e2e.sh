#!/usr/bin/env bash
# Runs the browser tests against the release build in $ATTACHE_SERVER, with both pairs of engines at hand.
set -euo pipefail

if [[ ! -d tests/e2e || ! -f playwright.config.ts ]]; then
  echo "The browser tests are missing: tests/e2e and playwright.config.ts must be there." >&2
  exit 1
fi
exec scripts/with-engines.sh npx playwright test "$@"
