#!/usr/bin/env bash
# How exact are the numbers that a client library sends? stripe-go has decimals as float64.
#
# github.com/stripe/stripe-go/v82 v82.5.1 writes a float with four digits after the point,
# unless its field is marked as high_precision, which unit_amount_decimal is and a percentage
# is not. A coupon of 33.33333 percent is sent as 33.3333, a tax rate of 9.97625 percent as
# 9.9763, a share of 0.00004 percent as 0.0000: no error, and the object that comes back says
# the same, so that a comparison with what was meant is the only thing that shows it.
#
# unit_amount_decimal is sent as the shortest text of the float: of the twelve decimal places
# that the API takes, 1234567.123456789012 keeps nine.
#
# Here percentages and prices are decimals of any precision that the documents allow, and are
# written as text. Compare what the API returns with them before a plan is trusted.
#
# Seen: the output below. Fails if that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'EOF'
module finding

go 1.26

require github.com/stripe/stripe-go/v82 v82.5.1
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/form"
)

func sent(params any) string {
	values := &form.Values{}
	form.AppendTo(values, params)
	return values.Encode()
}

func main() {
	fmt.Println("coupon", sent(&stripe.CouponParams{PercentOff: stripe.Float64(33.33333)}))
	fmt.Println("tax rate", sent(&stripe.TaxRateParams{Percentage: stripe.Float64(9.97625)}))
	fmt.Println("tax rate", sent(&stripe.TaxRateParams{Percentage: stripe.Float64(0.00004)}))
	fmt.Println("price", sent(&stripe.PriceParams{UnitAmountDecimal: stripe.Float64(0.000000000012)}))
	fmt.Println("price", sent(&stripe.PriceParams{UnitAmountDecimal: stripe.Float64(1234567.123456789012)}))
}
EOF
go mod tidy >/dev/null 2>&1
got=$(go run .)
want='coupon percent_off=33.3333
tax rate percentage=9.9763
tax rate percentage=0.0000
price unit_amount_decimal=0.000000000012
price unit_amount_decimal=1234567.123456789'
echo "$got"
[ "$got" = "$want" ] || { echo "changed: expected" >&2; echo "$want" >&2; exit 1; }
