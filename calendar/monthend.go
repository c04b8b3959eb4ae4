package calendar

// MonthEnd says where a boundary falls in a month that lacks the anchor's day.
// The empty MonthEnd is not chosen; this package treats it as Clamp.
type MonthEnd string

const (
	// Clamp keeps the anchor's day and clips it to the month's last day where
	// the month is shorter: Jan 31, Feb 28, Mar 31, Apr 30. An anchor on Feb 28
	// stays on the 28th.
	Clamp MonthEnd = "clamp"

	// LastDay keeps an anchor that lies on the last day of its month on last
	// days: Feb 28 2026, Mar 31, Apr 30. An anchor on any other day behaves as
	// under Clamp. Intervals of days and weeks are not affected.
	LastDay MonthEnd = "last_day"
)

func (MonthEnd) vocabulary() (string, []MonthEnd) { return "month end", []MonthEnd{Clamp, LastDay} }

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero MonthEnd.
func (m *MonthEnd) UnmarshalText(text []byte) error { return parseWord(m, text) }
