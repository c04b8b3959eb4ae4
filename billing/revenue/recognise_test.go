package revenue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// when reads a date, or an instant; "" is none.
func when(t require.TestingT, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	if len(s) == len(time.DateOnly) {
		s += "T00:00:00Z"
	}
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

// lineOf reads "kind charge from to amount", and after it what line it reduces.
func lineOf(t require.TestingT, s string, all []billing.Line) billing.Line {
	w := strings.Fields(s)
	for i := range w {
		w[i] = strings.TrimPrefix(w[i], "-")
	}
	l := billing.Line{Kind: billing.LineKind(w[0]), Charge: w[1], From: when(t, w[2]), To: when(t, w[3]), Amount: money.MustParse(strings.Fields(s)[4] + " USD")}
	if len(w) > 5 {
		l.Of = all[len(all)-len(w[5])].Ref() // "<" the last line, "<<" the one before
	}
	return l
}

// linesOf reads lines, separated by semicolons.
func linesOf(t require.TestingT, s string) []billing.Line {
	var all []billing.Line
	for _, text := range strings.Split(s, ";") {
		all = append(all, lineOf(t, text, all))
	}
	return all
}

// show writes parts as "2026-01 55.89, …".
func show(parts []revenue.Part) string {
	var all []string
	for _, p := range parts {
		all = append(all, p.Month.String()[2:]+" "+p.Amount.Amount())
	}
	return strings.Join(all, ", ")
}

func methodOf(t require.TestingT, s string) revenue.Method {
	w := strings.Fields(s)
	m := revenue.Method{By: revenue.By(w[0])}
	for _, word := range w[1:] {
		switch {
		case word == "even":
			m.Parts = revenue.Even
		case strings.Contains(word, "/"):
			m.Zone = calendar.MustLoadZone(word)
		default:
			m.Rounding = money.Rounding(word)
		}
	}
	return m
}

func TestALineIsSpreadOverTheMonthsOfItsSpan(t *testing.T) {
	t.Parallel()
	const year = "charge base 2026-01-15 2027-01-15 1200.00"
	const stripe = "charge base 2026-06-15T12:00:00Z 2026-10-13T12:00:00Z 120.00"
	for _, test := range []struct{ name, lines, by, want string }{
		{"by days", year, "day", "26-01 55.89, 26-02 92.06, 26-03 101.91, 26-04 98.63, 26-05 101.92, 26-06 98.63, 26-07 101.92, 26-08 101.92, 26-09 98.63, 26-10 101.91, 26-11 98.63, 26-12 101.92, 27-01 46.03"},
		{"by months", year, "month", "26-01 54.84, 26-02 100.00, 26-03 100.00, 26-04 100.00, 26-05 100.00, 26-06 100.00, 26-07 100.00, 26-08 100.00, 26-09 100.00, 26-10 100.00, 26-11 100.00, 26-12 100.00, 27-01 45.16"},
		{"by months of thirty days", year, "day_30", "26-01 53.33, 26-02 100.00, 26-03 100.00, 26-04 100.00, 26-05 100.00, 26-06 100.00, 26-07 100.00, 26-08 100.00, 26-09 100.00, 26-10 100.00, 26-11 100.00, 26-12 100.00, 27-01 46.67"},
		{"by seconds, Stripe", stripe, "second", "26-06 15.50, 26-07 31.00, 26-08 31.00, 26-09 30.00, 26-10 12.50"},
		{"by days, Stripe", stripe, "day", "26-06 16.00, 26-07 31.00, 26-08 31.00, 26-09 30.00, 26-10 12.00"},
		{"even between a first and a last part, Stripe", stripe, "second even down", "26-06 15.50, 26-07 30.66, 26-08 30.66, 26-09 30.68, 26-10 12.50"},
		{"even, rounded half up", stripe, "second even", "26-06 15.50, 26-07 30.67, 26-08 30.67, 26-09 30.66, 26-10 12.50"},
		{"even over whole months", "charge base 2026-01-01 2026-07-01 100.00", "day even", "26-01 16.67, 26-02 16.67, 26-03 16.67, 26-04 16.67, 26-05 16.67, 26-06 16.65"},
		{"even with nothing whole", "charge base 2026-01-17 2026-02-15 29.00", "day even", "26-01 15.00, 26-02 14.00"},
		{"even never takes more than there is", "charge base 2026-01-01 2027-01-01 0.10", "day even", "26-01 0.01, 26-02 0.01, 26-03 0.01, 26-04 0.01, 26-05 0.01, 26-06 0.01, 26-07 0.01, 26-08 0.01, 26-09 0.01, 26-10 0.01, 26-11 0.00, 26-12 0.00"},
		{"even takes no more at the ends", "charge base 2026-01-20 2026-03-10 0.01", "day even up", "26-01 0.01, 26-02 0.00, 26-03 0.00"},
		{"a cent is not lost", "charge base 2026-01-01 2026-04-01 0.01", "day", "26-01 0.00, 26-02 0.01, 26-03 0.00"},
		{"a month within a month", "charge base 2026-01-10 2026-01-20 9.99", "day", "26-01 9.99"},
		{"a span that ends with its month", "charge base 2026-01-01 2026-02-01 31.00", "day", "26-01 31.00"},
		{"what has no span", "one_off setup 2026-01-15 - 50.00", "day", "26-01 50.00"},
		{"a part of no length", "usage calls 2026-02-01 2026-02-01 5.00", "day", "26-02 5.00"},
		{"usage below zero", "usage calls 2026-01-15 2026-02-15 -31.00", "day", "26-01 -17.00, 26-02 -14.00"},
		{"the month is that of the zone", "charge base 2025-12-31T23:00:00Z 2026-01-31T23:00:00Z 31.00", "day Europe/Berlin", "26-01 31.00"},
		{"the same in another zone", "charge base 2025-12-31T23:00:00Z 2026-01-31T23:00:00Z 31.00", "day", "25-12 1.00, 26-01 30.00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := revenue.Recognise(linesOf(t, test.lines), methodOf(t, test.by))
			require.NoError(t, err)
			require.Equal(t, test.want, show(got.Months))
		})
	}
}

func TestWhatBelongsTogetherIsRecognisedTogether(t *testing.T) {
	t.Parallel()
	const year = "charge base 2026-01-01 2027-01-01 365.00"
	for _, test := range []struct {
		name, lines, by string
		want            []string // all months, then those of each line
	}{
		{"a discount is taken off as it is given", "charge base 2026-01-15 2026-02-15 31.00; discount d 2026-01-15 2026-02-15 -3.10 <", "day", []string{"26-01 15.30, 26-02 12.60", "26-01 17.00, 26-02 14.00", "26-01 -1.70, 26-02 -1.40"}},
		{"a credit reverses what is not recognised", year + "; credit base 2026-04-01 2027-01-01 -275.00 <", "day", []string{
			"26-01 31.00, 26-02 28.00, 26-03 31.00, 26-04 0.00, 26-05 0.00, 26-06 0.00, 26-07 0.00, 26-08 0.00, 26-09 0.00, 26-10 0.00, 26-11 0.00, 26-12 0.00",
			"26-01 31.00, 26-02 28.00, 26-03 31.00, 26-04 30.00, 26-05 31.00, 26-06 30.00, 26-07 31.00, 26-08 31.00, 26-09 30.00, 26-10 31.00, 26-11 30.00, 26-12 31.00",
			"26-04 -30.00, 26-05 -31.00, 26-06 -30.00, 26-07 -31.00, 26-08 -31.00, 26-09 -30.00, 26-10 -31.00, 26-11 -30.00, 26-12 -31.00",
		}},
		{"within a month", "charge base 2026-01-15 2026-03-15 59.00; credit base 2026-01-25 2026-03-15 -49.00 <", "day", []string{"26-01 10.00, 26-02 0.00, 26-03 0.00", "26-01 17.00, 26-02 28.00, 26-03 14.00", "26-01 -7.00, 26-02 -28.00, 26-03 -14.00"}},
		{"a credit of more takes back what was recognised, at once", "charge base 2026-01-01 2026-03-01 59.00; credit base 2026-02-01 2026-03-01 -59.00 <", "day", []string{"26-01 31.00, 26-02 -31.00", "26-01 31.00, 26-02 28.00", "26-02 -59.00"}},
		{"a credit of less leaves the rest, at once", "charge base 2026-01-01 2026-04-01 90.00; credit base 2026-02-01 2026-04-01 -20.00 <", "day", []string{"26-01 31.00, 26-02 39.00, 26-03 0.00", "26-01 31.00, 26-02 28.00, 26-03 31.00", "26-02 11.00, 26-03 -31.00"}},
		{"an upgrade, Stripe", "charge basic 2026-04-01 2026-05-01 90.00; credit basic 2026-04-21 2026-05-01 -30.00 <; charge pro 2026-04-21 2026-05-01 40.00", "day", []string{"26-04 100.00", "26-04 90.00", "26-04 -30.00", "26-04 40.00"}},
		{"a credit of what is discounted", "charge base 2026-01-01 2026-03-01 59.00; discount d 2026-01-01 2026-03-01 -5.90 <; credit base 2026-02-01 2026-03-01 -25.20 <<", "day", []string{"26-01 27.90, 26-02 0.00", "26-01 31.00, 26-02 28.00", "26-01 -3.10, 26-02 -2.80", "26-02 -25.20"}},
		{"a credit of nothing that was a line stands for itself", "credit base 2026-01-15 2026-02-15 -31.00", "day", []string{"26-01 -17.00, 26-02 -14.00", "26-01 -17.00, 26-02 -14.00"}},
		{"a credit after the end", "charge base 2026-01-01 2026-02-01 31.00; credit base 2026-03-10 2026-03-10 -31.00 <", "day", []string{"26-01 31.00, 26-02 0.00, 26-03 -31.00", "26-01 31.00", "26-03 -31.00"}},
		{"even parts are reversed too", "charge base 2026-01-01 2026-07-01 100.00; credit base 2026-04-01 2026-07-01 -50.00 <", "day even", []string{"26-01 16.67, 26-02 16.67, 26-03 16.67, 26-04 -0.01, 26-05 0.00, 26-06 0.00", "26-01 16.67, 26-02 16.67, 26-03 16.67, 26-04 16.67, 26-05 16.67, 26-06 16.65", "26-04 -16.68, 26-05 -16.67, 26-06 -16.65"}},
		{"tax is no revenue", "charge base 2026-01-15 2026-02-15 31.00; tax vat 2026-01-15 2026-02-15 5.89 <", "day", []string{"26-01 17.00, 26-02 14.00", "26-01 17.00, 26-02 14.00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := revenue.Recognise(linesOf(t, test.lines), methodOf(t, test.by))
			require.NoError(t, err)
			all := []string{show(got.Months)}
			for _, l := range got.Lines {
				all = append(all, show(l.Months))
			}
			require.Equal(t, test.want, all)
		})
	}
}

func TestNothingIsNothing(t *testing.T) {
	t.Parallel()
	got, err := revenue.Recognise(nil, revenue.Method{})
	require.NoError(t, err)
	require.Equal(t, revenue.Schedule{}, got)
}

func TestWhatCannotBeRecognisedIsRefused(t *testing.T) {
	t.Parallel()
	usd := money.MustParse("1.00 USD")
	day := when(t, "2026-01-01")
	line := func(change func(l *billing.Line)) billing.Line {
		l := billing.Line{Kind: billing.ChargeLine, Charge: "a", From: day, To: day.AddDate(0, 1, 0), Amount: usd}
		change(&l)
		return l
	}
	good := line(func(*billing.Line) {})
	for _, test := range []struct {
		name  string
		lines []billing.Line
		by    revenue.Method
		want  string
	}{
		{"an unknown spread", nil, revenue.Method{By: "week"}, `by: unknown spread "week"`},
		{"all words at once", nil, revenue.Method{By: "week", Parts: "odd", Rounding: "bankers"}, `parts: unknown rounding of parts "odd"`},
		{"a kind to come", []billing.Line{line(func(l *billing.Line) { l.Kind = "credit_drawn" })}, revenue.Method{}, `lines[0].kind: unknown kind of line: "credit_drawn"`},
		{"no amount", []billing.Line{line(func(l *billing.Line) { l.Amount = money.Money{} })}, revenue.Method{}, "lines[0].amount: missing"},
		{"two currencies", []billing.Line{good, line(func(l *billing.Line) { l.Charge, l.Amount = "b", money.MustParse("1.00 EUR") })}, revenue.Method{}, "lines[1].amount: must be in the currency of the first line, USD"},
		{"no instant", []billing.Line{line(func(l *billing.Line) { l.From = time.Time{} })}, revenue.Method{}, "lines[0].from: missing"},
		{"the end first", []billing.Line{line(func(l *billing.Line) { l.To = day.AddDate(0, 0, -1) })}, revenue.Method{}, "lines[0].to: must not lie before from"},
		{"too long", []billing.Line{good, line(func(l *billing.Line) { l.Charge, l.To = "b", day.AddDate(101, 0, 0) })}, revenue.Method{}, "lines[1].to: must not last more than 1200 months"},
		{"twice", []billing.Line{good, good}, revenue.Method{}, "lines[1]: is there twice"},
		{"a credit of what is not there", []billing.Line{line(func(l *billing.Line) { l.Kind, l.Of = billing.CreditLine, good.Ref() })}, revenue.Method{}, "lines[0].of: the line that it reduces is not among the lines"},
		{"a discount of nothing", []billing.Line{line(func(l *billing.Line) { l.Kind = billing.DiscountLine })}, revenue.Method{}, "lines[0].of: missing"},
		{"a sum that does not fit", []billing.Line{line(func(l *billing.Line) { l.Amount = money.FromMinor(1<<62, money.USD) }), line(func(l *billing.Line) { l.Charge, l.Amount = "b", money.FromMinor(1<<62, money.USD) })}, revenue.Method{}, "lines[1]: money: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := revenue.Recognise(test.lines, test.by)
			require.ErrorContains(t, err, test.want)
			require.Equal(t, fault.Invalid, fault.Kind(err))
			require.Equal(t, revenue.Schedule{}, got)
		})
	}
}

// drawLines draws lines that belong together, in any order.
func drawLines(t *rapid.T) []billing.Line {
	start := when(t, "2025-12-20")
	at := func(label string, from, to int) int { return rapid.IntRange(from, to).Draw(t, label) }
	clock := func() time.Duration {
		return time.Duration(rapid.SampledFrom([]int{0, 0, 12 * 3600, 86399}).Draw(t, "clock")) * time.Second
	}
	var all []billing.Line
	for i := range at("lines", 1, 4) {
		from := start.AddDate(0, 0, at("from", 0, 90)).Add(clock())
		l := billing.Line{Kind: billing.ChargeLine, Charge: string(rune('a' + i)), From: from, Amount: money.FromMinor(rapid.Int64Range(0, 200_000).Draw(t, "amount"), money.USD)}
		if at("span", 0, 5) > 0 {
			l.To = from.AddDate(0, 0, at("days", 0, 500)).Add(clock())
		}
		all = append(all, l)
		left := l.Amount
		for n := range at("discounts", 0, 2) {
			off := money.FromMinor(-rapid.Int64Range(0, max(left.Minor(), 0)).Draw(t, "off"), money.USD)
			all = append(all, billing.Line{Kind: billing.DiscountLine, Charge: string(rune('p' + n)), From: l.From, To: l.To, Amount: off, Of: l.Ref(), Command: n})
			left, _ = left.Add(off)
		}
		for n := range at("credits", 0, 2) {
			cut := from.AddDate(0, 0, at("cut", 0, 300))
			credit := billing.Line{Kind: billing.CreditLine, Charge: l.Charge, From: cut, To: cut.AddDate(0, 1, 0), Command: 2 + n, Of: l.Ref(), Amount: money.FromMinor(-rapid.Int64Range(0, max(left.Minor(), 0)).Draw(t, "back"), money.USD)}
			all = append(all, credit)
			left, _ = left.Add(credit.Amount)
		}
	}
	return rapid.Permutation(all).Draw(t, "order")
}

func drawMethod(t *rapid.T) revenue.Method {
	return revenue.Method{
		By:       rapid.SampledFrom(append(revenue.Words[revenue.By](), "")).Draw(t, "by"),
		Parts:    rapid.SampledFrom(append(revenue.Words[revenue.Parts](), "")).Draw(t, "parts"),
		Zone:     rapid.SampledFrom([]calendar.Zone{{}, calendar.MustLoadZone("America/New_York"), calendar.MustLoadZone("Pacific/Apia")}).Draw(t, "zone"),
		Rounding: rapid.SampledFrom(append(money.Roundings(), "")).Draw(t, "rounding"),
	}
}

func TestWhatIsRecognisedAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines, by := drawLines(t), drawMethod(t)
		got, err := revenue.Recognise(lines, by)
		require.NoError(t, err)
		require.NoError(t, got.Validate()) // each line is the sum of its months, each month that of the lines
		require.Len(t, got.Lines, len(lines))
		credited := map[int64]bool{}
		for i, l := range lines {
			require.Equal(t, l.Amount, got.Lines[i].Amount)
			if l.Kind == billing.CreditLine {
				credited[int64(l.Of.Charge[0])] = true
			}
		}
		// A charge of which nothing is given back is recognised only forwards.
		for _, l := range got.Lines {
			if l.Line.Kind != billing.ChargeLine || credited[int64(l.Line.Charge[0])] {
				continue
			}
			for _, p := range l.Months {
				require.False(t, p.Amount.IsNegative(), "%s: %s", l.Line.Charge, show(l.Months))
			}
		}
		// What was recognised before a credit stays, and after its month nothing is left.
		for i, c := range lines {
			if c.Kind != billing.CreditLine {
				continue
			}
			cut := got.Lines[i].Months[0].Month
			sum := map[revenue.Month]int64{}
			for _, l := range got.Lines {
				if l.Line.Charge == c.Of.Charge && l.Line.Kind != billing.DiscountLine || l.Of.Charge == c.Of.Charge {
					for _, p := range l.Months {
						sum[p.Month] += p.Amount.Minor()
					}
				}
			}
			for m, left := range sum {
				if m.String() > cut.String() && !laterCredit(got, c.Of.Charge, m) {
					require.Zero(t, left, "%s after %s", m, cut)
				}
			}
		}
		// The order in which lines are given changes nothing.
		again := rapid.Permutation(lines).Draw(t, "another order")
		other, err := revenue.Recognise(again, by)
		require.NoError(t, err)
		require.Equal(t, show(got.Months), show(other.Months))
	})
}

// laterCredit reports whether a credit of the charge begins in the month.
func laterCredit(s revenue.Schedule, charge string, m revenue.Month) bool {
	for _, l := range s.Lines {
		if l.Line.Kind == billing.CreditLine && l.Of.Charge == charge && l.Months[0].Month == m {
			return true
		}
	}
	return false
}

// TestCumulatedPartsAreTheRoundedSum holds the parts to fractions computed apart: what is
// recognised by the end of a month is a share of the whole by its days.
func TestCumulatedPartsAreTheRoundedSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := when(t, "2026-01-01").AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "from"))
		days := rapid.IntRange(1, 800).Draw(t, "days")
		cents := rapid.Int64Range(0, 1_000_000).Draw(t, "cents")
		line := billing.Line{Kind: billing.ChargeLine, Charge: "a", From: from, To: from.AddDate(0, 0, days), Amount: money.FromMinor(cents, money.USD)}
		got, err := revenue.Recognise([]billing.Line{line}, revenue.Method{})
		require.NoError(t, err)
		perMonth := map[string]int64{}
		for i := range days {
			perMonth[from.AddDate(0, 0, i).Format("2006-01")]++
		}
		require.Len(t, got.Months, len(perMonth))
		var so, sum int64
		for _, p := range got.Months {
			so += perMonth[p.Month.String()]
			sum += p.Amount.Minor()
			require.Equal(t, (2*cents*so+int64(days))/(2*int64(days)), sum)
		}
	})
}

// TestWhateverIsBilledIsRecognised spreads what the engine bills: all of it, and of what a
// change ended nothing after its month.
func TestWhateverIsBilledIsRecognised(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, by := story(t), drawMethod(t)
		// A credit may be of a line on an invoice that comes to nothing.
		invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, when(t, "2027-03-01"), billing.WithPolicy(plan.Policy{ZeroInvoices: plan.EmitZeroInvoices}))
		require.NoError(t, err)
		var lines []billing.Line
		var billed int64
		for _, inv := range invoices {
			lines = append(lines, inv.Lines...)
			billed += inv.Total.Minor()
		}
		s, err := revenue.Recognise(lines, by)
		require.NoError(t, err)
		require.NoError(t, s.Validate())
		var earned int64
		for _, p := range s.Months {
			earned += p.Amount.Minor()
		}
		require.Equal(t, billed, earned)
	})
}
