package billing

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

const (
	dayLayout  = "2 January"
	dateLayout = "2 January 2006"

	day = 24 * time.Hour // on a calendar in UTC
)

// show writes an instant as its date in the zone, with the time of day unless it is
// the beginning of the day.
func show(t time.Time, z calendar.Zone) string {
	date := dayIn(t, z).Format(dateLayout)
	if z.Midnight(t, 0).Equal(t) {
		return date
	}
	return date + ", " + clock(t, z) + t.In(z.Location()).Format(" MST")
}

// dayIn returns the civil day that holds t, as its midnight in UTC: to be written only.
func dayIn(t time.Time, z calendar.Zone) time.Time {
	year, month, day := z.Date(t)
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// clock writes the time of day as far as it goes, to the minute at least.
func clock(t time.Time, z calendar.Zone) string {
	local := t.In(z.Location())
	if local.Second() == 0 && local.Nanosecond() == 0 {
		return local.Format("15:04")
	}
	return local.Format("15:04:05.999999999")
}

// showSpan writes a span of time: by its first and its last day if it is counted by
// days or holds only whole ones, and otherwise with times of day, once if they are the
// same.
func showSpan(from, to time.Time, byDay bool, z calendar.Zone) string {
	if !to.After(from) { // to may be zero
		return show(from, z)
	}
	first, end := dayIn(from, z), dayIn(to, z)
	whole := z.Midnight(from, 0).Equal(from) && z.Midnight(to, 0).Equal(to)
	switch {
	case (byDay || whole) && end.After(first):
		return showDays(first, end.Add(-day))
	case end.After(first) && clock(from, z) == clock(to, z):
		zones := from.In(z.Location()).Format("MST")
		if other := to.In(z.Location()).Format("MST"); other != zones {
			zones += "/" + other
		}
		return showDays(first, end) + " (" + clock(from, z) + " " + zones + ")"
	}
	return show(from, z) + " to " + show(to, z)
}

// showDays writes days from the first to the last, the year once if it is the same.
func showDays(first, last time.Time) string {
	switch {
	case first.Equal(last):
		return first.Format(dateLayout)
	case first.Year() == last.Year():
		return first.Format(dayLayout) + " to " + last.Format(dateLayout)
	}
	return first.Format(dateLayout) + " to " + last.Format(dateLayout)
}

// title is the name, or the id of what has none.
func title(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// label is the title as it is shown.
func label(name, id string) string { return printable(title(name, id)) }

// printable quotes a name that no room would let in, and one that holds what an
// explanation is punctuated with: it could pass for more than a name.
func printable(s string) string {
	if s == "" || strings.ContainsAny(s, `:"`) || text.Name(s, len(s)) != nil {
		return strconv.Quote(s)
	}
	return s
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n   ") }

// digits writes an amount with the currency's decimals, or more if it has more.
func digits(d decimal.Decimal, c money.Currency) string {
	text := dec.String(d)
	have := 0
	if i := strings.IndexByte(text, '.'); i >= 0 {
		have = len(text) - i - 1
	}
	return d.StringFixed(int32(max(have, c.Digits())))
}

// equals ends the arithmetic num/den with its result. How that was rounded is shown
// where it is not as everybody would.
func equals(num, den decimal.Decimal, result money.Money) string {
	c := result.Currency()
	places := int32(c.Digits())
	if den.IsZero() {
		return ": " + result.String()
	}
	q, rest := num.QuoRem(den, places+2)
	if q.Round(places).Equal(result.Decimal()) {
		return " = " + result.String()
	}
	exact := digits(q, c)
	if !rest.IsZero() {
		exact = q.StringFixed(places+2) + "…"
	}
	return " = " + exact + ", rounded to " + result.String()
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
