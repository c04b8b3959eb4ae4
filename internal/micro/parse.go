package micro

import "time"

// Parse reads a date and a time of day at the beginning of a text, such as
// 2026-01-31T09:00:00.25, as UTC, and returns what follows. It reads a fraction of up to
// nine digits and drops those finer than a microsecond. It returns false for what is not
// a time in the years 1 to 9999; a leap second is not one.
func Parse(s string) (t time.Time, rest string, ok bool) {
	const form = "2006-01-02T15:04:05"
	if len(s) < len(form) || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, s, false
	}
	var d digits
	year := d.two(s[0], s[1])*100 + d.two(s[2], s[3])
	month, day := d.two(s[5], s[6]), d.two(s[8], s[9])
	hour, minute, second := d.two(s[11], s[12]), d.two(s[14], s[15]), d.two(s[17], s[18])
	if d.bad || year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, s, false
	}
	rest = s[len(form):]
	nanos := 0
	if rest != "" && rest[0] == '.' {
		n := 1
		for scale := 100_000_000; n < len(rest) && '0' <= rest[n] && rest[n] <= '9'; n++ {
			if n > 9 {
				return time.Time{}, s, false
			}
			nanos += int(rest[n]-'0') * scale
			scale /= 10
		}
		if n == 1 {
			return time.Time{}, s, false
		}
		rest = rest[n:]
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos-nanos%int(Second), time.UTC), rest, true
}

// digits reads decimal digits and remembers whether one of them was none.
type digits struct{ bad bool }

func (d *digits) two(a, b byte) int {
	a, b = a-'0', b-'0'
	d.bad = d.bad || a > 9 || b > 9
	return int(a)*10 + int(b)
}

func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1 // 31 30 31 30 31 30 31 31 30 31 30 31
}

// Append appends an instant in UTC, of whole microseconds, in the form of [time.RFC3339Nano].
func Append(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, time.RFC3339Nano)
	}
	hour, minute, second := t.Clock()
	dst = append(dst, "0000-00-00T00:00:00"...)
	form := dst[len(dst)-19:]
	put(form[0:], year/100)
	put(form[2:], year%100)
	put(form[5:], int(month))
	put(form[8:], day)
	put(form[11:], hour)
	put(form[14:], minute)
	put(form[17:], second)
	if micros := t.Nanosecond() / int(Second); micros != 0 {
		dst = append(dst, '.')
		for scale := 100_000; micros != 0; scale /= 10 {
			dst = append(dst, byte('0'+micros/scale))
			micros %= scale
		}
	}
	return append(dst, 'Z')
}

// put writes a number of two digits.
func put(form []byte, n int) { form[0], form[1] = byte('0'+n/10), byte('0'+n%10) }
