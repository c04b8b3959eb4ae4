#!/usr/bin/env bash
# Two npm packages in one program give a boundary two instants, an hour apart.
#
# moment-timezone 0.6.6 carries release 2026f of the time zone database, timezonecomplete
# 5.15.1 its own copy of the package tzdata with release 2026b, also where tzdata 1.0.51
# with release 2026d is installed beside it: npm nests the older one and nothing warns.
# Since September 2026 Morocco is on UTC; for 15 October 2026 at 9:00 in Casablanca the
# one says 09:00 UTC, the other 08:00. A period that one process bills by the one and the
# next by the other is billed twice or not at all unless the boundary is remembered by its
# civil time.
#
# Seen: the output below. Fails if that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund moment-timezone@0.6.6 timezonecomplete@5.15.1 tzdata@1.0.51
cat >look.js <<'EOF'
const fs = require("fs");
const moment = require("moment-timezone");
const tc = require("timezonecomplete");
const release = (path) => JSON.parse(fs.readFileSync(path + "/timezone-data.json")).version;
console.log("moment-timezone", moment.tz.dataVersion, moment.tz("2026-10-15 09:00", "Africa/Casablanca").toISOString());
console.log("timezonecomplete", release("node_modules/timezonecomplete/node_modules/tzdata"),
  new tc.DateTime("2026-10-15T09:00:00 Africa/Casablanca").toUtcString() + "Z");
console.log("installed beside it", release("node_modules/tzdata"));
EOF
got=$(node look.js)
want='moment-timezone 2026f 2026-10-15T09:00:00.000Z
timezonecomplete 2026b 2026-10-15T08:00:00.000Z
installed beside it 2026d'
echo "$got"
[ "$got" = "$want" ] || { echo "changed: expected" >&2; echo "$want" >&2; exit 1; }
