package subscription

import (
	"reflect"

	"github.com/perennial-billing/perennial/internal/grow"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
)

// DecodeTree is Decode without the quick way for documents that have no faults.
func DecodeTree(data []byte, catalog *plan.Catalog) (Subscription, error) {
	var doc document
	return doc.subscription(catalog, documentCodec.ReadTree(data, &doc, documentLimits))
}

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"subscription": documentCodec.Shape(), "event": eventDocument.Shape(), "snapshot": snapshotDocument.Shape(),
		"command": commandCodec.Shape(), "details": detailsCodec.Shape(),
	}
}

// RecordSize is how many bytes a command takes, without what it points to.
var RecordSize = reflect.TypeFor[record]().Size()

// Moved counts the spans, commands and pending items of a that b has in another place.
func Moved(a, b Subscription) int {
	return moved(a.c.spans, b.c.spans) + moved(a.c.commands, b.c.commands) + moved(a.c.feeds, b.c.feeds) + moved(a.c.discounts, b.c.discounts)
}

func moved[T any](a, b grow.List[T]) int {
	n := 0
	for i := range min(a.Len(), b.Len()) {
		if a.At(i) != b.At(i) {
			n++
		}
	}
	return n
}

// WithCommands returns a subscription whose last command is there until there are n, as
// far as their number goes.
func WithCommands(s Subscription, n int) Subscription {
	c := s.c.next()
	last := *c.commands.At(c.commands.Len() - 1)
	for c.commands.Len() < n {
		c.commands = c.commands.With(last)
	}
	return Subscription{c}
}

// Room returns at least the length of the document.
func Room(s Subscription) int { return max(s.c.size, plainSize) }

// FullPeriod returns what a full period comes to by the last terms; FullPeriodAnew works it out
// charge by charge.
func FullPeriod(s Subscription) (int64, error) { return s.c.last().terms.fullPeriod() }

func FullPeriodAnew(s Subscription) (int64, error) {
	t := *s.c.last().terms
	t.full = 0
	return t.fullPeriod()
}
