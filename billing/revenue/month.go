package revenue

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// A Month is a calendar month: 2026-01. The zero Month is none.
type Month struct {
	Year  int
	Month time.Month
}

// IsZero reports whether m is none.
func (m Month) IsZero() bool { return m == Month{} }

func (m Month) isValid() bool {
	return 1 <= m.Year && m.Year <= 9999 && time.January <= m.Month && m.Month <= time.December
}

// String returns the month as 2026-01; "" for the zero Month.
func (m Month) String() string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year, m.Month)
}

// MarshalText writes the month as 2026-01. One that no year has is an error.
func (m Month) MarshalText() ([]byte, error) {
	if !m.IsZero() && !m.isValid() {
		return nil, fault.OutOfRange.Errorf("revenue: encode: not a month of the years 1 to 9999")
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Month{}
		return nil
	}
	t, err := time.Parse("2006-01", string(text))
	if err != nil || len(text) != len("2006-01") || t.Year() < 1 {
		return fault.Malformed.Errorf("must be a month as 2026-01, not %q", clip(string(text)))
	}
	*m = Month{Year: t.Year(), Month: t.Month()}
	return nil
}

func (m Month) index() int { return 12*m.Year + int(m.Month) - 1 }

// add returns the month that is n months later.
func (m Month) add(n int) Month {
	i := m.index() + n
	return Month{Year: i / 12, Month: time.Month(i%12 + 1)}
}

// compare orders months.
func (m Month) compare(o Month) int { return m.index() - o.index() }

// monthOf returns the month that holds an instant.
func monthOf(t time.Time, z calendar.Zone) Month {
	year, month, _ := z.Date(t)
	return Month{Year: year, Month: month}
}

// start returns the first instant of the month.
func (m Month) start(z calendar.Zone) (time.Time, error) {
	noon, err := z.At(m.Year, m.Month, 1, 12*time.Hour)
	if err != nil {
		return time.Time{}, err
	}
	return z.Midnight(noon, 0), nil
}

// A Part is what is recognised in a month.
type Part struct {
	Month  Month
	Amount money.Money
}
