package strictjson

import "encoding/json"

// Foreign is a codec of a type of another package, which reads and writes its own JSON.
// Schema is the name of its JSON Schema.
func Foreign[T json.Marshaler, P interface {
	*T
	json.Unmarshaler
}](schema *Shape, empty func(v *T) bool) Codec[T] {
	return Codec[T]{
		read: func(n Node, to *T, r *Report) {
			if err := P(to).UnmarshalJSON(n.Raw()); err != nil {
				r.Err(n, err)
			}
		},
		quick: func(s *scanner, to *T) bool {
			raw, ok := s.skip()
			return ok && P(to).UnmarshalJSON(raw) == nil
		},
		write: func(dst []byte, v *T) ([]byte, error) {
			if a, ok := any(v).(interface {
				AppendJSON(dst []byte) ([]byte, error)
			}); ok {
				return a.AppendJSON(dst)
			}
			data, err := (*v).MarshalJSON()
			return append(dst, data...), err
		},
		empty: empty,
		shape: schema,
	}
}

// InPlace returns the codec of a type of another package with that package's own way to
// read and write it, up to a length: a valid value is read in its place in the document,
// and everything else is left to the type. What is written was found valid before.
func (c Codec[T]) InPlace(own *Codec[T], limit int, valid func(v *T) bool) Codec[T] {
	write := c.write
	c.quick = func(s *scanner, to *T) bool {
		from := s.pos
		return own.quick(s, to) && s.pos-from <= limit && valid(to)
	}
	c.write = func(dst []byte, v *T) ([]byte, error) {
		if out, err := own.write(dst, v); err == nil && len(out)-len(dst) <= limit {
			return out, nil
		}
		return write(dst, v)
	}
	return c
}

// maxAmount is the longest document of an amount of money.
const maxAmount = 1024

// Amount returns the codec of an amount of money with a way to read a usual one in its
// place in the document; everything else is left to the type. The functions are those that
// the type itself asks.
func Amount[M, C any](c Codec[M], currency func(code string) (C, error), amount func(amount string, c C) (M, error)) Codec[M] {
	c.quick = func(s *scanner, to *M) bool {
		var f struct{ amount, currency []byte }
		from := s.pos
		if more, ok := s.open('{', '}'); !more || !ok {
			return false
		}
		for more := true; more; {
			name, ok := s.name()
			text := &f.currency
			switch {
			case ok && string(name) == "amount":
				text = &f.amount
			case !ok || string(name) != "currency":
				return false
			}
			if *text != nil { // or it was empty, which is no amount and no currency
				return false
			}
			if *text, ok = s.str(); !ok || len(*text) == 0 {
				return false
			}
			if more, ok = s.next('}'); !ok {
				return false
			}
		}
		unit, err := currency(s.keep(f.currency))
		if err != nil || s.pos-from > maxAmount {
			return false
		}
		*to, err = amount(s.keep(f.amount), unit)
		return err == nil
	}
	return c
}
