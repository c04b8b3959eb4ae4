#!/usr/bin/env bash
# The long form of the tests that kill: 20 kills among 5,000 renewals, payments and webhooks on each
# database, with the times of the service, and a PostgreSQL that is stopped and started again in between. Takes several minutes.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/postgres.sh
start_postgres
PERENNIAL_KILLS=${PERENNIAL_KILLS:-20} PERENNIAL_RENEWALS=${PERENNIAL_RENEWALS:-5000} PERENNIAL_MONTHS=${PERENNIAL_MONTHS:-11} PERENNIAL_OWN_TIMES=1 \
	go test -count=1 -v -timeout 30m -run 'Killed|Zone' . | grep -v '^=== '
