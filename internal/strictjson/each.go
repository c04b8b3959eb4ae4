package strictjson

// Each is a codec of a list whose elements are read one after the other into the same
// place, so that a long list of large elements takes no room for all of them. Begin is
// called with about the number of elements, add with each, clear after each. Null is no
// list, and begin is not called.
func Each[L, T any](c Codec[T], begin func(to *L, n int), add func(to *L, v *T), clear func(v *T)) Codec[L] {
	return Codec[L]{
		read: func(n Node, to *L, r *Report) {
			switch n.Kind() {
			case Null:
				return
			case Array:
			case Absent, Bool, Number, String, Object:
				r.must(n, "an array")
				return
			}
			begin(to, int(n.v().count))
			element := new(T)
			for i := n.v().first; i != 0; i = n.d.values[i].next {
				c.read(Node{n.d, i}, element, r)
				add(to, element)
				clear(element)
			}
		},
		quick: func(s *scanner, to *L) bool {
			if s.word("null") {
				return true
			}
			more, ok := s.open('[', ']')
			if !ok {
				return false
			}
			if !more {
				begin(to, 0)
				return true
			}
			begin(to, s.objects())
			element := new(T)
			for n := 1; more; n++ {
				if n > s.limits.Elements || !c.scanValue(s, element) {
					return false
				}
				add(to, element)
				clear(element)
				if more, ok = s.next(']'); !ok {
					return false
				}
			}
			return true
		},
		shape: &Shape{Kind: ArrayShape, Of: c.shape, Null: true},
	}
}
