package money_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/money"
)

func Example() {
	base := money.MustParse("30.15 USD")
	credit, err := base.Prorate(-17, 30, money.HalfUp) // 17 of 30 days are not used
	if err != nil {
		fmt.Println(err)
		return
	}
	seats, err := money.MustParse("12.00 USD").Mul(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	total, err := money.Sum(money.USD, base, credit, seats)
	fmt.Println(total, err)
	// Output: 49.06 USD <nil>
}

func ExampleFromMinor() {
	fmt.Println(money.FromMinor(1250, money.USD))
	fmt.Println(money.FromMinor(1250, money.JPY))
	fmt.Println(money.FromMinor(1250, money.KWD))
	// Output:
	// 12.50 USD
	// 1250 JPY
	// 1.250 KWD
}

func ExampleParse() {
	m, err := money.Parse("12.5 USD")
	fmt.Println(m, err)
	_, err = money.Parse("12.505 USD")
	fmt.Println(err)
	_, err = money.Parse("12,50 USD")
	fmt.Println(err)
	// Output:
	// 12.50 USD <nil>
	// money: parse "12.505 USD": too many decimal digits for the currency USD
	// money: parse "12,50 USD": malformed
}

func ExampleMustParse() {
	fmt.Println(money.MustParse("-0.05 EUR").Minor())
	// Output: -5
}

func ExampleParseAmount() {
	m, err := money.ParseAmount("1.25", money.KWD)
	fmt.Println(m, err)
	// Output: 1.250 KWD <nil>
}

func ExampleFromDecimal() {
	price := decimal.RequireFromString("0.00045").Mul(decimal.NewFromInt(2_700)) // 1.215 USD of metered usage
	m, err := money.FromDecimal(price, money.USD, money.HalfUp)
	fmt.Println(m, err)
	m, err = money.FromDecimal(price, money.USD, money.Down)
	fmt.Println(m, err)
	// Output:
	// 1.22 USD <nil>
	// 1.21 USD <nil>
}

func ExampleExact() {
	m, err := money.Exact(decimal.RequireFromString("9.990"), money.USD)
	fmt.Println(m, err)
	_, err = money.Exact(decimal.RequireFromString("9.995"), money.USD)
	fmt.Println(err)
	// Output:
	// 9.99 USD <nil>
	// money: from decimal: too many decimal digits for the currency USD
}

func ExampleMoney_Add() {
	sum, err := money.MustParse("1.50 EUR").Add(money.MustParse("0.75 EUR"))
	fmt.Println(sum, err)

	_, err = money.MustParse("1.50 EUR").Add(money.MustParse("0.75 USD"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, money.ErrCurrencyMismatch))
	// Output:
	// 2.25 EUR <nil>
	// money: add: currencies differ: EUR and USD
	// true
}

func ExampleMoney_Sub() {
	owed, err := money.MustParse("10.00 EUR").Sub(money.MustParse("12.50 EUR"))
	fmt.Println(owed, err, owed.IsNegative())
	// Output: -2.50 EUR <nil> true
}

func ExampleMoney_Neg() {
	credit, err := money.MustParse("10.00 EUR").Neg()
	fmt.Println(credit, err)
	// Output: -10.00 EUR <nil>
}

func ExampleMoney_Mul() {
	m, err := money.MustParse("12.00 EUR").Mul(3)
	fmt.Println(m, err)
	// Output: 36.00 EUR <nil>
}

func ExampleMoney_Cmp() {
	order, err := money.MustParse("9.99 EUR").Cmp(money.MustParse("10.00 EUR"))
	fmt.Println(order, err)
	fmt.Println(money.MustParse("10 EUR") == money.MustParse("10.00 EUR"))
	// Output:
	// -1 <nil>
	// true
}

func ExampleMoney_Prorate() {
	month := money.MustParse("30.15 USD")
	for _, r := range []money.Rounding{money.HalfUp, money.HalfEven, money.Up} {
		day, err := month.Prorate(1, 30, r) // 1.005 exactly
		fmt.Println(r, day, err)
	}
	_, err := month.Prorate(1, 0, money.HalfUp)
	fmt.Println(err)
	// Output:
	// half_up 1.01 USD <nil>
	// half_even 1.00 USD <nil>
	// up 1.01 USD <nil>
	// money: prorate: division by zero
}

func ExampleMoney_Allocate() {
	shares, err := money.MustParse("0.05 USD").Allocate([]int64{30, 70})
	fmt.Println(shares, err)
	shares, err = money.MustParse("-100.00 USD").Allocate([]int64{1, 1, 1})
	fmt.Println(shares, err)
	// Output:
	// [0.02 USD 0.03 USD] <nil>
	// [-33.34 USD -33.33 USD -33.33 USD] <nil>
}

func ExampleSum() {
	total, err := money.Sum(money.JPY, money.MustParse("980 JPY"), money.MustParse("-80 JPY"))
	fmt.Println(total, err)
	total, err = money.Sum(money.JPY)
	fmt.Println(total, err)
	// Output:
	// 900 JPY <nil>
	// 0 JPY <nil>
}

func ExampleMoney_IsValid() {
	var none money.Money
	fmt.Println(none.IsValid(), money.MustParse("0.00 USD").IsValid())
	_, err := none.Add(money.MustParse("1.00 USD"))
	fmt.Println(err)
	// Output:
	// false true
	// money: add: not valid
}

func ExampleMoney_Decimal() {
	fmt.Println(money.MustParse("12.34 USD").Decimal().Mul(decimal.RequireFromString("0.19")))
	// Output: 2.3446
}

func ExampleMoney_Amount() {
	m := money.MustParse("12.5 USD")
	fmt.Printf("%s %s\n", m.Currency(), m.Amount())
	// Output: USD 12.50
}

func ExampleMoney_MarshalJSON() {
	document, err := json.Marshal([]money.Money{money.MustParse("12.50 USD"), {}})
	fmt.Println(string(document), err)
	// Output: [{"amount":"12.50","currency":"USD"},null] <nil>
}

func ExampleMoney_UnmarshalJSON() {
	var m money.Money
	fmt.Println(json.Unmarshal([]byte(`{"amount":"12.5","currency":"USD"}`), &m), m)
	fmt.Println(json.Unmarshal([]byte(`{"amount":12.5,"currency":"USD"}`), &m))
	fmt.Println(json.Unmarshal([]byte(`{"Amount":"12.5","currency":"USD"}`), &m))
	// Output:
	// <nil> 12.50 USD
	// money: decode: malformed: amount: must be a string
	// money: decode: malformed: unknown field "Amount"
}

func ExampleParseCurrency() {
	c, err := money.ParseCurrency("KWD")
	fmt.Println(c, c.Digits(), c.Number(), err)
	_, err = money.ParseCurrency("kwd")
	fmt.Println(err)
	// Output:
	// KWD 3 414 <nil>
	// money: currency "kwd": unknown currency
}

func ExampleMustParseCurrency() {
	fmt.Println(money.MustParseCurrency("EUR") == money.EUR)
	// Output: true
}

func ExampleCurrencies() {
	all := money.Currencies()
	fmt.Println(len(all), all[0], all[len(all)-1])
	// Output: 167 AED ZWG
}

func ExampleRoundings() {
	fmt.Println(money.Roundings())
	// Output: [half_up half_even half_down half_floor up down floor ceiling]
}

func ExampleRounding_IsValid() {
	fmt.Println(money.HalfEven.IsValid(), money.Rounding("").IsValid(), money.Rounding("nearest").IsValid())
	// Output: true false false
}
