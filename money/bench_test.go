package money_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/money"
)

// share is one question of the benchmarks: what is part of whole days of this amount?
type share struct {
	amount      money.Money
	part, whole int64
	rounding    money.Rounding
	decimal     decimal.Decimal // the same amount
	num, den    decimal.Decimal // the same days
	digits      int32
}

// shares mixes small and large amounts, credits, currencies with 0, 2 and 3 digits, months, quarters and years, whole
// periods and single days, so that no branch and no division can be learned by heart.
func shares(roundings ...money.Rounding) []share {
	currencies := []money.Currency{money.USD, money.EUR, money.JPY, money.KWD}
	days := []int64{28, 29, 30, 31, 90, 91, 92, 365, 366}
	all := make([]share, 1024)
	state := uint64(1)
	next := func(n int) int { // a fixed sequence: every run asks the same
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % n
	}
	for i := range all {
		minor := int64(next(100_000))
		if i%5 == 0 {
			minor *= 1_000_003
		}
		if i%3 == 0 {
			minor = -minor
		}
		c := currencies[next(len(currencies))]
		whole := days[next(len(days))]
		part := int64(next(int(whole) + 1))
		m := money.FromMinor(minor, c)
		all[i] = share{
			amount: m, part: part, whole: whole, rounding: roundings[next(len(roundings))],
			decimal: m.Decimal(), num: decimal.NewFromInt(part), den: decimal.NewFromInt(whole), digits: int32(c.Digits()),
		}
	}
	return all
}

// BenchmarkProrate prorates an amount by day counts that are already known, beside a baseline that does the same with
// decimals. The baseline reports as "ratio" how many times slower it is, the best of all runs of both: with
// -count=5, the last line has the best of five.
func BenchmarkProrate(b *testing.B) {
	nearest, any := shares(money.HalfUp), shares(money.Roundings()...)
	var fast, slow float64

	b.Run("money", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := &nearest[i%len(nearest)]
			got, err := s.amount.Prorate(s.part, s.whole, s.rounding)
			if err != nil || !got.IsValid() {
				b.Fatal(err)
			}
		}
		fast = best(fast, b)
	})
	b.Run("money, every rounding", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := &any[i%len(any)]
			got, err := s.amount.Prorate(s.part, s.whole, s.rounding)
			if err != nil || !got.IsValid() {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := &nearest[i%len(nearest)]
			got := s.decimal.Mul(s.num).DivRound(s.den, s.digits)
			if got.Exponent() > 0 {
				b.Fatal(got)
			}
		}
		slow = best(slow, b)
		if fast > 0 {
			b.ReportMetric(slow/fast, "ratio")
		}
	})
}

// best returns the lower of the nanoseconds an operation took before, if it ran before, and in the run that ends.
func best(before float64, b *testing.B) float64 {
	now := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	if before > 0 {
		return min(before, now)
	}
	return now
}

// BenchmarkAllocate shares an amount among the lines of an invoice.
func BenchmarkAllocate(b *testing.B) {
	weights := []int64{3015, 1200, 99, 4500, 1}
	mixed := shares(money.HalfUp)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := mixed[i%len(mixed)].amount.Allocate(weights); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFromDecimal rounds a decimal to an amount.
func BenchmarkFromDecimal(b *testing.B) {
	mixed := shares(money.Roundings()...)
	for i := range mixed {
		mixed[i].decimal = mixed[i].decimal.Mul(decimal.New(1005, -3))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := &mixed[i%len(mixed)]
		if _, err := money.FromDecimal(s.decimal, s.amount.Currency(), s.rounding); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMarshalJSON writes an amount, BenchmarkUnmarshalJSON reads it.
func BenchmarkMarshalJSON(b *testing.B) {
	mixed := shares(money.HalfUp)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := mixed[i%len(mixed)].amount.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalJSON(b *testing.B) {
	document := []byte(`{"amount":"12.50","currency":"USD"}`)
	b.ReportAllocs()
	for b.Loop() {
		var m money.Money
		if err := m.UnmarshalJSON(document); err != nil {
			b.Fatal(err)
		}
	}
}
