package billing

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

// show writes an instant as its date in the zone, with the time of day unless it is
// the beginning of the day.
func show(t time.Time, z calendar.Zone) string { return string(appendShow(nil, t, z)) }

func appendShow(b []byte, t time.Time, z calendar.Zone) []byte {
	b = appendDay(b, dayIn(t, z), true)
	if z.Midnight(t, 0).Equal(t) {
		return b
	}
	b = appendClock(append(b, ", "...), t, z)
	return t.In(z.Location()).AppendFormat(b, " MST")
}

// dayIn returns the civil day that holds t, as its midnight in UTC: to be written only.
func dayIn(t time.Time, z calendar.Zone) time.Time {
	year, month, day := z.Date(t)
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// appendClock appends the time of day as far as it goes, to the minute at least.
func appendClock(b []byte, t time.Time, z calendar.Zone) []byte {
	local := t.In(z.Location())
	if local.Second() == 0 && local.Nanosecond() == 0 {
		return local.AppendFormat(b, "15:04")
	}
	return local.AppendFormat(b, "15:04:05.999999999")
}

// appendSpan appends a span of time: by its first and its last day if it is counted by
// days or holds only whole ones, and otherwise with times of day, once if they are the
// same.
func appendSpan(b []byte, from, to time.Time, byDay bool, z calendar.Zone) []byte {
	if !to.After(from) { // to may be zero
		return appendShow(b, from, z)
	}
	first, end := dayIn(from, z), dayIn(to, z)
	whole := z.Midnight(from, 0).Equal(from) && z.Midnight(to, 0).Equal(to)
	if (byDay || whole) && end.After(first) {
		return appendDays(b, first, end.Add(-24*time.Hour))
	}
	if end.After(first) {
		var one, other [32]byte
		clock := appendClock(one[:0], from, z)
		if string(clock) == string(appendClock(other[:0], to, z)) {
			b = append(append(appendDays(b, first, end), " ("...), clock...)
			zone := from.In(z.Location()).AppendFormat(one[:0], "MST")
			b = append(append(b, ' '), zone...)
			if later := to.In(z.Location()).AppendFormat(other[:0], "MST"); string(later) != string(zone) {
				b = append(append(b, '/'), later...)
			}
			return append(b, ')')
		}
	}
	return appendShow(append(appendShow(b, from, z), " to "...), to, z)
}

// appendDays appends days from the first to the last, the year once if it is the same.
func appendDays(b []byte, first, last time.Time) []byte {
	if first.Equal(last) {
		return appendDay(b, first, true)
	}
	b = appendDay(b, first, first.Year() != last.Year())
	return appendDay(append(b, " to "...), last, true)
}

// appendDay appends a day such as 2 January 2006, or without its year.
func appendDay(b []byte, day time.Time, year bool) []byte {
	y, month, d := day.Date()
	b = append(append(strconv.AppendInt(b, int64(d), 10), ' '), month.String()...)
	if !year {
		return b
	}
	b = append(b, ' ')
	for limit := 1000; limit > 1 && y < limit; limit /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(y), 10)
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

// indented indents what was appended after the first of its lines.
func indented(b []byte, from int) []byte {
	const by = "   "
	more := len(by) * bytes.Count(b[from:], []byte{'\n'})
	if more == 0 {
		return b
	}
	b = append(b, make([]byte, more)...)
	for i := len(b) - more - 1; more > 0; i-- {
		if b[i] == '\n' {
			copy(b[i+1+more-len(by):], by)
			more -= len(by)
		}
		b[i+more] = b[i]
	}
	return b
}

// digits writes an amount with the currency's decimals, or more if it has more.
func digits(d decimal.Decimal, c money.Currency) string {
	return string(dec.AppendFixed(make([]byte, 0, 24), d, c.Digits()))
}

// appendMoney appends an amount as its String.
func appendMoney(b []byte, m money.Money) []byte {
	b, _ = m.AppendText(b) // never fails
	return b
}

// is reports whether an exact amount is an amount of money.
func is(exact decimal.Decimal, m money.Money) bool {
	return dec.Is(exact, m.Minor(), m.Currency().Digits())
}

// equals ends the arithmetic num/den with its result. How that was rounded is shown
// where it is not as everybody would.
func equals(num, den decimal.Decimal, result money.Money) string {
	if dec.Is(den, 1, 0) && is(num, result) {
		return " = " + result.String()
	}
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
