package billing

import "github.com/perennial-billing/perennial/internal/micro"

// A reader reads records one after another, and fast where they are alike. It notes
// whether they are in order of their instants.
type reader struct {
	sec       int64 // of the last record
	nsec      int
	unordered bool
	touched   int // up to which records were touched, if they are in no order
}

// reads notes an instant.
func (p *reader) reads(sec int64, nsec int) {
	p.unordered = p.unordered || sec < p.sec || sec == p.sec && nsec < p.nsec
	p.sec, p.nsec = sec, nsec
}

// skip passes over the first records as long as they lie before a second, and returns
// how many.
func (p *reader) skip(u Usage, before int64) int {
	for i := range u {
		sec := u[i].At.Unix()
		if sec >= before {
			return i
		}
		p.reads(sec, u[i].At.Nanosecond())
	}
	return len(u)
}

// alike says what records are alike: of one metric, with quantities of one exponent that
// surely can be rated, and in whole microseconds between two seconds, exclusively.
type alike struct {
	metric        string
	exp           int32
	most          int64 // the largest coefficient that surely can be rated
	after, before int64
}

// sum adds the records from i on, before end, as long as they are alike and their
// quantities fit, and returns the number of the first that was not added, and the sum.
func (p *reader) sum(u Usage, i, end int, a alike, sum int64) (int, int64) {
	if p.unordered {
		return p.sumInNoOrder(u, i, end, a, sum)
	}
	last, lastNsec := p.sec, p.nsec
	for ; i < end; i++ {
		r := &u[i]
		sec, nsec := r.At.Unix(), r.At.Nanosecond()
		if sec < last || sec == last && nsec < lastNsec || !a.has(r, sec, nsec) || r.Quantity.NumDigits() > maxDigits {
			break
		}
		c := r.Quantity.CoefficientInt64()
		if uint64(c) > uint64(a.most) || sum+c < 0 {
			break
		}
		sum += c
		last, lastNsec = sec, nsec
	}
	p.sec, p.nsec = last, lastNsec
	return i, sum
}

func (p *reader) sumInNoOrder(u Usage, i, end int, a alike, sum int64) (int, int64) {
	for ; i < end; i++ {
		p.touch(u, i)
		r := &u[i]
		if !a.has(r, r.At.Unix(), r.At.Nanosecond()) || r.Quantity.NumDigits() > maxDigits {
			break
		}
		c := r.Quantity.CoefficientInt64()
		if uint64(c) > uint64(a.most) || sum+c < 0 {
			break
		}
		sum += c
	}
	return i, sum
}

// has reports whether a record is alike.
func (a *alike) has(r *Record, sec int64, nsec int) bool {
	return sec > a.after && sec < a.before && nsec%int(micro.Second) == 0 && r.Quantity.Exponent() == a.exp && r.Metric == a.metric
}

const chunkSize = 64

// touch loads the quantities of the records from i on, which may lie anywhere in memory
// if the records are in no order: many at once, instead of one after another.
func (p *reader) touch(u Usage, i int) {
	if i >= p.touched {
		p.touched = min(i+chunkSize, len(u))
		u[i:p.touched].load()
	}
}

func (u Usage) load() {
	var all int64
	for i := range u {
		all |= u[i].Quantity.CoefficientInt64()
	}
	_ = all
}
