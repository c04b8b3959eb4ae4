package document

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// unite makes one document of what gives back a line and of what bills that line, where both
// are new: a credit note cannot refer to a document without a number.
func (c *correcting) unite() {
	sub, zone := inside.Origin(c.r)
	fresh := map[uuid.UUID]*Document{}
	for i, l := range c.r.StoredLines()[:len(c.r.Lines)] {
		fresh[l.ID] = c.billedOn(i)
	}
	for i, l := range c.r.Lines {
		if l.Kind != billing.CreditLine || l.Of == (billing.LineRef{}) {
			continue
		}
		if of, ok := fresh[inside.ID(l.Of, sub, zone)]; ok {
			c.join(of, c.billedOn(i))
		}
	}
	// What was corrected together once is so again: the taxes of all stand on one.
	for _, correction := range c.r.Corrections {
		if p, ok := c.places[correction.Of]; ok && p.of.out() {
			c.again(p.of)
		}
	}
	for i := range c.r.Lines {
		if d := c.standsOn(i); d != nil {
			c.again(d)
		}
	}
	c.circles()
}

// join makes one correction of two documents; nil is that of what was on none.
func (c *correcting) join(x, y *Document) {
	x, y = c.together(x), c.together(y)
	switch {
	case x == y:
	case x != nil && (y == nil || c.before(x, y)):
		c.with[y.number()] = x
	default:
		c.with[x.number()] = y
	}
}

// before reports whether a document was given before another.
func (c *correcting) before(x, y *Document) bool {
	for i := range c.issued {
		if d := &c.issued[i]; d == x || d == y {
			return d == x
		}
	}
	return false
}

// again makes one correction of all documents that one corrects.
func (c *correcting) again(d *Document) {
	for _, r := range d.References {
		at := slices.IndexFunc(c.issued, func(o Document) bool { return o.Number == r.Number && o.out() })
		if r.Corrects && at >= 0 {
			c.join(c.root(d), c.root(&c.issued[at]))
		}
	}
}

// gifts are what a document gives back of lines, above zero, or takes back of credits of them.
type gifts map[lineOf]money.Money

func (g gifts) add(of lineOf, amount money.Money) error {
	if sum, ok := g[of]; ok {
		var err error
		if amount, err = sum.Add(amount); err != nil {
			return err
		}
	}
	g[of] = amount
	return nil
}

// waits reports whether a document gives back a line that another one takes back a credit of: the
// right credit is bounded by what is left after that.
func (g gifts) waits(o gifts) bool {
	for of, amount := range g {
		if amount.Sign() > 0 && o[of].Sign() < 0 {
			return true
		}
	}
	return false
}

// ordered puts what charges more first, and every document behind those that it waits for.
func (c *correcting) ordered(all []Document) ([]Document, error) {
	slices.SortStableFunc(all, func(x, y Document) int {
		return cmp.Compare(truth(x.Kind == CreditNote), truth(y.Kind == CreditNote))
	})
	given := make([]gifts, len(all))
	b := builder{issued: c.issued}
	for i, d := range all {
		given[i] = gifts{}
		for _, r := range d.References { // of a document as a whole
			amount, err := d.gives(r.Amount)
			if err != nil {
				return nil, wrap(err)
			}
			given[i][lineOf{number: r.Number}] = amount
		}
		for _, l := range d.Lines {
			if l.Of == uuid.Nil {
				continue
			}
			amount, err := d.gives(l.Amount)
			if err == nil {
				err = given[i].add(b.origin(lineOf{l.Number, l.Of}), amount)
			}
			if err != nil {
				return nil, wrap(err)
			}
		}
	}
	rest, out := make([]int, len(all)), make([]Document, 0, len(all))
	for i := range rest {
		rest[i] = i
	}
	for len(rest) > 0 {
		free := func(x int) bool {
			return !slices.ContainsFunc(rest, func(y int) bool { return x != y && given[x].waits(given[y]) })
		}
		at := max(0, slices.IndexFunc(rest, free))
		out, rest = append(out, all[rest[at]]), slices.Delete(rest, at, at+1)
	}
	return out, nil
}

// circles makes one document of those that wait for each other: none of them could be issued
// first.
func (c *correcting) circles() {
	for {
		given, order, err := c.gifts()
		if err != nil {
			c.f.Wrap("", err)
			return
		}
		n := len(order)
		waits := make([][]bool, n) // also by way of others
		for x := range n {
			waits[x] = make([]bool, n)
			for y := range n {
				waits[x][y] = x != y && given[order[x]].waits(given[order[y]])
			}
		}
		for by := range n {
			for x := range n {
				for y := range n {
					waits[x][y] = waits[x][y] || waits[x][by] && waits[by][y]
				}
			}
		}
		joined := false
		for x := range n {
			for y := range x {
				if waits[x][y] && waits[y][x] && c.together(order[x]) != c.together(order[y]) {
					c.join(order[x], order[y])
					joined = true
				}
			}
		}
		if !joined {
			return
		}
	}
}

// gifts returns what the correction of each document gives back; nil is that of what was on none.
func (c *correcting) gifts() (map[*Document]gifts, []*Document, error) {
	all := map[*Document]gifts{}
	var order []*Document
	b := builder{issued: c.issued}
	note := func(on *Document, of lineOf, amount money.Money) error {
		on = c.together(on)
		if all[on] == nil {
			all[on], order = gifts{}, append(order, on)
		}
		given, err := amount.Neg()
		if err != nil {
			return err
		}
		return all[on].add(b.origin(of), given)
	}
	for _, correction := range c.r.Corrections {
		p, ok := c.places[correction.Of]
		if !ok || p.tax || !p.of.out() {
			continue
		}
		if err := note(c.root(p.of), lineOf{p.of.Number, p.of.Lines[p.n].ID}, correction.Amount); err != nil {
			return nil, nil, err
		}
	}
	sub, zone := inside.Origin(c.r)
	for i, l := range c.r.Lines {
		if l.Kind != billing.CreditLine && l.Kind != billing.DiscountLine || l.Of == (billing.LineRef{}) {
			continue
		}
		p, ok := c.places[inside.ID(l.Of, sub, zone)]
		if !ok || p.tax || !p.of.out() {
			continue
		}
		on := c.billedOn(i)
		if l.Kind == billing.DiscountLine {
			on = c.root(p.of)
		}
		if err := note(on, lineOf{p.of.Number, p.of.Lines[p.n].ID}, l.Amount); err != nil {
			return nil, nil, err
		}
	}
	return all, order, nil
}
