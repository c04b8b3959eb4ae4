#!/usr/bin/env bash
# Prints the tables of docs/performance.md for the service, side by side in one run. PERENNIAL_RENEWALS, PERENNIAL_TURNS,
# PERENNIAL_CHECKS and PERENNIAL_ROWS make it longer or shorter. Nothing else should run meanwhile.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/postgres.sh
start_postgres
export PERENNIAL_LOAD=1
run() { go test -v -count=1 -timeout 30m -run "^$1\$" . | grep '^|'; }
echo "Renewals a second"
echo "| database | engine | constant invoice | nothing | engine : constant | engine : nothing |"
run TestLoadRenewals
echo "Entitlement checks over HTTP, processor time of the server for each"
echo "| database | check | constant answer | constant : check | p99, 8 clients |"
run TestLoadChecks
echo "The next 1,000 that are due, in PostgreSQL"
echo "| subscriptions | time | bytes a row, with indexes |"
run TestLoadScan
