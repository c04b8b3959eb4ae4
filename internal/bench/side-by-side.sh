#!/usr/bin/env bash
# Times this build beside an earlier one, fb8b0a6, in one process: the earlier one is
# taken from git history under another module path. The contenders take turns, processor
# time counts, and the best of five turns is printed, with how many times faster this
# build is. Each build reads the documents that it wrote itself. It is not part of the
# checks:
#
#   internal/bench/side-by-side.sh            # next billing, and documents
#   internal/bench/side-by-side.sh -million   # and a whole million of mixed rows
#
# The comparison with a plain struct needs a package that the module does not depend on;
# it is required, at this version, only by the module that is made here.
set -Eeuo pipefail

repo=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
before=${BEFORE:-fb8b0a6}
json=github.com/go-json-experiment/json@v1.27.2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/before" "$work/beside/documents/now" "$work/beside/documents/before"
git -C "$repo" archive "$before" | tar -x -C "$work/before"
rm -rf "$work/before/examples"
grep -rl 'github.com/perennial-billing/perennial' --include='*.go' --include=go.mod "$work/before" |
	xargs sed -i 's|github.com/perennial-billing/perennial|before.invalid/perennial|g'

texts=$repo/internal/bench/testdata
cp "$texts/beside.go.txt" "$work/beside/main.go"
cp "$texts/documents/main.go.txt" "$work/beside/documents/main.go"
cp "$texts/documents/plain.go.txt" "$work/beside/documents/plain.go"
cp "$texts/documents/side.go.txt" "$work/beside/documents/now/side.go"
# The earlier build has other names for three things.
sed -e 's|github.com/perennial-billing/perennial|before.invalid/perennial|' -e 's/^package now/package before/' \
	-e 's/StoredLines()/Billed()/' -e 's/billing\.Checkpoint/billing.Ledger/' -e 's/billing\.LineRef/billing.Origin/' \
	"$texts/documents/side.go.txt" >"$work/beside/documents/before/side.go"
cp "$texts/documents/move_now.go.txt" "$work/beside/documents/now/move.go"
sed 's|github.com/perennial-billing/perennial|before.invalid/perennial|' "$texts/documents/move_before.go.txt" >"$work/beside/documents/before/move.go"
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
go mod edit -require "$json"
cp "$repo/go.sum" go.sum
go mod tidy >/dev/null 2>&1
go run .
echo
go run ./documents "$@"
