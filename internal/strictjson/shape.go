package strictjson

// ShapeKind says what a [Shape] describes.
type ShapeKind uint8

// The kinds of shape.
const (
	AnyShape ShapeKind = iota
	StringShape
	BoolShape
	IntShape
	ObjectShape
	ArrayShape
	MapShape
	NullableShape // of Of, or null
	ChoiceShape   // exactly one of Choices
	RefShape      // the schema of the name Ref
	NullShape
)

// Shape is what a codec accepts, as far as a JSON Schema can say it.
type Shape struct {
	Kind    ShapeKind
	Words   []string // of a string: the only ones
	Pattern string   // of a string: a regular expression
	Format  string   // of a string: a format of JSON Schema
	Bits    int      // of a whole number
	Number  *int     // of a whole number: the only one
	Members []ShapeMember
	Of      *Shape   // of elements, of the values of a map, of what may be null
	Null    bool     // an array or a map may be null
	Given   bool     // a text or an array is not empty, what a reference leads to is not null
	Choices []*Shape // of a choice
	Ref     string   // of a reference
	Const   string   // of a member of a choice: the only string
}

// ShapeMember is a member of an object.
type ShapeMember struct {
	Name     string
	Shape    *Shape
	Required bool
}

// Shape returns what the codec accepts.
func (c Codec[T]) Shape() *Shape { return c.shape }

// WithShape returns the codec with another shape.
func (c Codec[T]) WithShape(s *Shape) Codec[T] {
	c.shape = s
	return c
}

// given returns the shape of what is neither null nor empty.
func (s *Shape) given() *Shape {
	if s.Kind == NullableShape {
		return s.Of.given()
	}
	g := *s
	g.Given, g.Null, g.Words = true, false, nil
	for _, w := range s.Words {
		if w != "" {
			g.Words = append(g.Words, w)
		}
	}
	return &g
}

// RefTo is the shape of a document of another schema.
func RefTo(name string) *Shape { return &Shape{Kind: RefShape, Ref: name} }
