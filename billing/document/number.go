package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
)

// Bounds of numbers.
const (
	// MaxPrefix is the longest prefix of a number, in bytes.
	MaxPrefix = 100
	// MaxCounter is the largest counter of a number, and MaxDigits its digits.
	MaxCounter = 999_999_999_999
	// MaxDigits is the largest number of digits to which a counter is padded.
	MaxDigits = 12
)

// Dated says which part of the date of issue a number holds. The zero word is none.
type Dated string

// The words of Dated.
const (
	DatedByYear  Dated = "year"  // the year: "2026-0001"
	DatedByMonth Dated = "month" // the year and the month: "202601-0001"
)

// Restart says when the counter of a numbering begins again at 1.
type Restart string

// The words of Restart.
const (
	// NeverRestart: a number has one counter for good, whatever part of the date it shows:
	// 202402-003 is followed by 202403-004. It is the default, and what the zero word means.
	NeverRestart Restart = "never"
	// YearlyRestart: the first number of a civil year is 1. The number shows the year.
	YearlyRestart Restart = "yearly"
)

// A Numbering is one series of numbers: a prefix, perhaps a part of the date and a hyphen,
// and a counter. It has no state: the service holds the last number and gives it back. A
// service that numbers for each of its legal entities, or for each customer, has a
// Numbering for each, with the code of the entity or of the customer in the prefix. The
// zero Numbering counts 1, 2, 3.
type Numbering struct {
	// Prefix is what every number begins with: a line of at most [MaxPrefix] bytes, or empty.
	Prefix string
	// Dated is the part of the date of issue that stands between prefix and counter.
	Dated Dated
	// Digits is to how many digits the counter is padded with zeros, 0 to [MaxDigits]. It may
	// outgrow them.
	Digits int
	// Restart is when the counter begins again, [NeverRestart] if it is empty.
	Restart Restart
}

// Validate returns nil, or every fault as a [fault.FieldError], joined.
func (n Numbering) Validate() error { return n.faults().Err() }

func (n Numbering) faults() faults.List {
	var f faults.List
	if n.Prefix != "" { // a number begins with it and does not end with it: "INV " is a prefix
		f.Wrap("prefix", text.ID(n.Prefix+".", MaxPrefix+1))
	}
	if n.Dated != "" && !slices.Contains(datedWords(), n.Dated) {
		f.Add("dated", fault.UnknownWord, "unknown word %q: must be one of %q", string(n.Dated), datedWords())
	}
	if n.Digits < 0 || n.Digits > MaxDigits {
		f.Add("digits", fault.OutOfRange, "must be 0 to %d", MaxDigits)
	}
	if n.Restart != "" && !slices.Contains(restartWords(), n.Restart) {
		f.Add("restart", fault.UnknownWord, "unknown word %q: must be one of %q", string(n.Restart), restartWords())
	}
	if n.Restart == YearlyRestart && n.Dated == "" {
		f.Add("restart", fault.Inconsistent, "must not be yearly where a number does not show the year: it would come twice")
	}
	return f
}

// A parsed number: the month is 0 where only the year is shown, and both where neither is.
type counted struct {
	year    int
	month   time.Month
	counter int64
}

// at is the part of a date that numbers show.
func (n Numbering) at(on Date) counted {
	switch n.Dated {
	case DatedByYear:
		return counted{year: on.Year}
	case DatedByMonth:
		return counted{year: on.Year, month: on.Month}
	}
	return counted{}
}

// Format returns the number of a counter, 1 to [MaxCounter], issued on a date.
func (n Numbering) Format(counter int64, on Date) (string, error) {
	if err := n.Validate(); err != nil {
		return "", fmt.Errorf("document: numbering: %w", err)
	}
	if counter < 1 || counter > MaxCounter {
		return "", fault.OutOfRange.Errorf("document: number: counter: must be 1 to %d", int64(MaxCounter))
	}
	if n.Dated != "" && !on.exists() {
		return "", fault.OutOfRange.Errorf("document: number: no such day: %q", on.String())
	}
	c := n.at(on)
	c.counter = counter
	return n.write(c), nil
}

func (n Numbering) write(c counted) string {
	var date string
	switch n.Dated {
	case DatedByYear:
		date = fmt.Sprintf("%04d-", c.year)
	case DatedByMonth:
		date = fmt.Sprintf("%04d%02d-", c.year, int(c.month))
	}
	return n.Prefix + date + fmt.Sprintf("%0*d", n.Digits, c.counter)
}

// Counter returns the counter of a number of the series. A number that the series would
// not write in this very form is an error.
func (n Numbering) Counter(number string) (int64, error) {
	c, err := n.read(number)
	return c.counter, err
}

func (n Numbering) read(number string) (counted, error) {
	if err := n.Validate(); err != nil {
		return counted{}, fmt.Errorf("document: numbering: %w", err)
	}
	var c counted
	rest, ok := strings.CutPrefix(number, n.Prefix)
	if ok && n.Dated != "" {
		var date string
		date, rest, ok = strings.Cut(rest, "-")
		long := 4
		if n.Dated == DatedByMonth {
			long = 6
		}
		if ok = ok && len(date) == long; ok {
			c.year, ok = whole(date[:4])
			if ok && long == 6 {
				var month int
				month, ok = whole(date[4:])
				c.month = time.Month(month)
			}
		}
	}
	if ok && len(rest) <= MaxDigits {
		var counter int
		counter, ok = whole(rest)
		c.counter = int64(counter)
	}
	valid := ok && c.counter >= 1 && (n.Dated == "" || c.year >= 1) && (n.Dated != DatedByMonth || c.month >= 1 && c.month <= 12)
	if !valid || n.write(c) != number {
		return counted{}, fault.Malformed.Errorf("document: number: %q: is not of the series, as %q is", clip(number), n.write(counted{2026, time.January, 1}))
	}
	return c, nil
}

// whole reads a number of digits only.
func whole(digits string) (int, bool) {
	if strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	i, err := strconv.Atoi(digits)
	return i, err == nil
}

// clip shortens a text for an error.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// Next returns the number after the last one, for a document issued on a date: the first
// of the series if last is empty. A date before the part of it that the last number shows
// is [ErrNumber]: numbers follow the dates.
func (n Numbering) Next(last string, on Date) (string, error) {
	if last == "" {
		return n.Format(1, on)
	}
	was, err := n.read(last)
	if err != nil {
		return "", err
	}
	is := n.at(on)
	if n.Dated != "" && (is.year < was.year || is.year == was.year && is.month < was.month) {
		return "", fmt.Errorf("%w: %q is later than %s", ErrNumber, last, on)
	}
	return n.Format(n.after(was, is), on)
}

// after returns the counter that follows.
func (n Numbering) after(was, is counted) int64 {
	if n.Restart == YearlyRestart && is.year > was.year {
		return 1
	}
	return was.counter + 1
}

// CheckNumbers reports everything that is wrong with a list of numbers in the order in which they
// were issued: one that is not of the series, one that is there twice, a gap, and one whose date goes
// back. The first may be any number of the series. The path of a fault is the place in the list, "[3]".
func (n Numbering) CheckNumbers(numbers []string) error {
	if err := n.Validate(); err != nil {
		return fmt.Errorf("document: numbering: %w", err)
	}
	var (
		f    faults.List
		last counted
	)
	seen := make(map[string]bool, len(numbers))
	for i, number := range numbers {
		path := strictjson.Index("", i)
		c, err := n.read(number)
		if err != nil {
			f.Wrap(path, err)
			continue
		}
		want := c
		want.counter = n.after(last, c)
		switch {
		case seen[number]:
			f.Add(path, fault.Duplicate, "%q is there twice", number)
			continue
		case last.counter == 0:
		case c.year < last.year || c.year == last.year && c.month < last.month:
			f.Add(path, fault.OutOfOrder, "%q is dated before the number before it, %q", number, n.write(last))
		case c != want:
			f.Add(path, fault.Inconsistent, "%q follows %q, where %q must", number, n.write(last), n.write(want))
		}
		seen[number], last = true, c
	}
	return f.Err()
}

func datedWords() []Dated { return []Dated{DatedByYear, DatedByMonth} }

func restartWords() []Restart { return []Restart{NeverRestart, YearlyRestart} }
