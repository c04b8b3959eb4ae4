#!/usr/bin/env bash
# Times long histories and usage by this build beside an earlier one, fb8b0a6, in one
# process, as side-by-side.sh does. It is not part of the checks:
#
#   internal/bench/histories.sh
set -Eeuo pipefail

repo=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
before=${BEFORE:-fb8b0a6}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/before" "$work/beside/now" "$work/beside/then"
git -C "$repo" archive "$before" | tar -x -C "$work/before"
rm -rf "$work/before/examples"
grep -rl 'github.com/perennial-billing/perennial' --include='*.go' --include=go.mod "$work/before" |
	xargs sed -i 's|github.com/perennial-billing/perennial|before.invalid/perennial|g'

data="$repo/internal/bench/testdata"
cp "$data/histories.go.txt" "$work/beside/main.go"
sed 's/^package work/package now/' "$data/histories_work.go.txt" >"$work/beside/now/work.go"
sed 's/^package work/package then/; s|github.com/perennial-billing/perennial|before.invalid/perennial|
	s/billing.Checkpoint{ChargedThrough:/billing.Ledger{Through:/; s/LastCommand:/Command:/; s/, options...)/)/; s/, billing.WithOrderedUsage())/)/; s/, options ...billing.Option)/)/' \
	"$data/histories_work.go.txt" >"$work/beside/then/work.go"
cd "$work/beside"
cat >go.mod <<MOD
module beside.invalid

go 1.25

require (
	before.invalid/perennial v0.0.0
	github.com/perennial-billing/perennial v0.0.0
)

replace before.invalid/perennial => $work/before

replace github.com/perennial-billing/perennial => $repo
MOD
grep -E '^\s+(github.com/(shopspring|rickb777|google)|pgregory)' "$repo/go.mod" | sed 's/ *\/\/.*//' |
	while read -r module version; do go mod edit -require "$module@$version"; done
cp "$repo/go.sum" go.sum
go mod tidy >/dev/null 2>&1
go run .
