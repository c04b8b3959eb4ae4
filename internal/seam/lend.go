package seam

// lent holds one value of each type: a handful.
var lent []any

// Lend makes t available to [Borrow]. Only package initialization calls it: its result is
// there to be assigned.
func Lend[T any](t T) bool {
	lent = append(lent, t)
	return true
}

// Borrow returns what was lent; the zero value if nothing of the type was.
func Borrow[T any]() T {
	for _, l := range lent {
		if t, ok := l.(T); ok {
			return t
		}
	}
	var none T
	return none
}
