package subscription

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"subscription": documentCodec.Shape(), "event": eventDocument.Shape(), "snapshot": snapshotDocument.Shape(),
		"command": commandCodec.Shape(), "details": detailsCodec.Shape(),
	}
}

// Copies counts the lists that b has in another array than a.
func Copies(a, b Subscription) int {
	n := 0
	count := func(moved bool) {
		if moved {
			n++
		}
	}
	count(&a.c.spans.items[0] != &b.c.spans.items[0])
	count(len(a.c.commands.items) > 0 && &a.c.commands.items[0] != &b.c.commands.items[0])
	count(len(a.c.feeds.items) > 0 && &a.c.feeds.items[0] != &b.c.feeds.items[0])
	count(len(a.c.discounts.items) > 0 && &a.c.discounts.items[0] != &b.c.discounts.items[0])
	return n
}

// Room returns at least the length of the document.
func Room(s Subscription) int { return max(s.c.size, plainSize) }
