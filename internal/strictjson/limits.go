package strictjson

// Limits bound a document. The zero value of each field means its default.
type Limits struct {
	// Size is the largest document in bytes; by default 1 MiB.
	Size int
	// Depth is how deep arrays and objects may be nested; by default 32. A
	// document that is one string has depth 0.
	Depth int
	// Elements is the largest number of elements of one array and of members of
	// one object; by default 10,000.
	Elements int
	// Values is the largest number of values in the document; by default one for
	// every eight bytes of Size.
	Values int
	// StringLen is the longest string in bytes, once unescaped; by default 65,536.
	StringLen int
	// NameLen is the longest name of a member in bytes, once unescaped; by
	// default 256.
	NameLen int
	// Faults is how many faults are listed before a last one says that there are
	// more; by default 1,000.
	Faults int
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Size, 1<<20)
	set(&l.Depth, 32)
	set(&l.Elements, 10_000)
	set(&l.Values, max(l.Size/8, 1024))
	set(&l.StringLen, 1<<16)
	set(&l.NameLen, 256)
	set(&l.Faults, 1000)
	return l
}
