#!/bin/bash
# Checks the console's types, then runs the unit tests of its stores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../src/console"
node_modules/.bin/tsc -p .
node_modules/.bin/tsc -p tests
exec node tests/run.mjs
