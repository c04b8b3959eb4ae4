package micro

import "time"

// Append appends the date and the time of day that [Parse] reads, of an instant in UTC in
// the years 0 to 9999; false for another year. It is time.RFC3339Nano without the Z: the
// standard library looks up what its layout says each time.
func Append(dst []byte, t time.Time) ([]byte, bool) {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return dst, false
	}
	hour, minute, second := t.Clock()
	dst = append(dst, "2006-01-02T15:04:05"...)
	form := dst[len(dst)-len("2006-01-02T15:04:05"):]
	putTwo(form[0:], year/100)
	putTwo(form[2:], year%100)
	putTwo(form[5:], int(month))
	putTwo(form[8:], day)
	putTwo(form[11:], hour)
	putTwo(form[14:], minute)
	putTwo(form[17:], second)
	nanos := t.Nanosecond()
	if nanos == 0 {
		return dst, true
	}
	dst = append(dst, '.')
	for scale := 100_000_000; nanos > 0; scale /= 10 {
		dst = append(dst, byte('0'+nanos/scale))
		nanos %= scale
	}
	return dst, true
}

// putTwo writes two digits of a number below 100.
func putTwo(to []byte, n int) {
	_ = to[1]
	to[0], to[1] = byte('0'+n/10), byte('0'+n%10)
}
