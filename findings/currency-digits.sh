#!/usr/bin/env bash
# How many digits has the minor unit? Two Go libraries do not say what ISO 4217 says.
#
# github.com/govalues/money v0.2.4 gives the Icelandic krona 2 digits; ISO 4217 has 0 since
# 2007, and payment providers follow it: 1990 minor units are ISK 1990, not 19.90.
#
# golang.org/x/text v0.44.0, package currency, follows CLDR, where the digits are those
# that are usually shown: the Serbian dinar, the Pakistani rupee, the Colombian peso and
# some twenty others have 0 (ISO: 2), the Iraqi dinar 0 (ISO: 3). Rounded by it, 12.50 RSD
# are 13. It does not know five codes in use: MRU, SLE, VES, XCG, ZWG.
#
# Seen: the output below. Fails if that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'EOF'
module finding

go 1.26

require (
	github.com/govalues/money v0.2.4
	golang.org/x/text v0.44.0
)
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/govalues/money"
	"golang.org/x/text/currency"
)

func main() {
	fmt.Println("govalues ISK", money.MustParseCurr("ISK").Scale())
	for _, code := range []string{"RSD", "PKR", "COP", "IQD", "TZS", "MRU", "SLE", "VES", "XCG", "ZWG"} {
		unit, err := currency.ParseISO(code)
		if err != nil {
			fmt.Println("x/text", code, "unknown")
			continue
		}
		digits, _ := currency.Standard.Rounding(unit)
		fmt.Println("x/text", code, digits)
	}
}
EOF
go mod tidy >/dev/null 2>&1
got=$(go run .)
want='govalues ISK 2
x/text RSD 0
x/text PKR 0
x/text COP 0
x/text IQD 0
x/text TZS 0
x/text MRU unknown
x/text SLE unknown
x/text VES unknown
x/text XCG unknown
x/text ZWG unknown'
echo "$got"
[ "$got" = "$want" ] || { echo "changed: expected" >&2; echo "$want" >&2; exit 1; }
