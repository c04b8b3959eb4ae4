package lifecycle

import "math/bits"

// ready is the table made ready for the question.
var ready = *compileTable(table)

// compiledTable answers without walking rules. The circumstances of a question are one word. Each cell
// knows which bits of it matter there, folds them together into a short number, and that number is an
// index into the answers. Nothing branches on the circumstances, so mixed questions cost the same as
// equal ones.
type compiledTable struct {
	cells   [statusCount][actionEnd]compiledCell
	folded  [maxFolded]uint8 // for each cell, from its offset, the number of the answer by folded bits
	answers [256]answer      // the different answers of the whole table; number 0 refuses as invalid
}

// compiledCell is one cell: the bits that matter and how they fold.
type compiledCell struct {
	mask   word
	offset uint16   // where its part of folded begins
	window uint16   // the bits of the folded number: a power of two, less one
	shifts [3]uint8 // the masked word is moved down by each of these, and the three are combined
}

// maxFolded bounds the parts of all cells together; they must fit the nearest cache of a processor.
const maxFolded = 1 << 14

// answer is an outcome, or a refusal.
type answer struct {
	out Outcome
	err error
}

// number folds the bits that matter together: where the answer's number stands in folded.
func (c *compiledCell) number(w word) int {
	w &= c.mask
	w = w>>(c.shifts[0]&63) | w>>(c.shifts[1]&63) | w>>(c.shifts[2]&63)
	return int(uint16(w)&c.window + c.offset)
}

// compileTable makes the table ready.
func compileTable(rows []row) *compiledTable {
	t := &compiledTable{}
	t.answers[0] = answer{err: ErrInvalid}
	numbers := map[answer]uint8{t.answers[0]: 0}
	var used uint16 = 1 // the part of the cells that nothing fills
	for r := range rows {
		for i := statusIndex(1); int(i) < statusCount; i++ {
			t.cells[i][rows[r].action] = t.compile(rows[r].rules(i), numbers, &used)
		}
	}
	return t
}

// compile makes one cell ready: it turns the rules into verdicts and these into a part of folded.
func (t *compiledTable) compile(rules []rule, numbers map[answer]uint8, used *uint16) compiledCell {
	verdicts, mentions := t.verdicts(rules, numbers)
	c := foldable(mentions)
	c.offset = *used
	*used += c.window + 1
	// Every combination of the bits that matter, from all to none.
	for w := mentions; ; w = (w - 1) & mentions {
		t.folded[c.number(w)] = firstOf(verdicts, w)
		if w == 0 {
			return c
		}
	}
}

// verdict is a rule whose conditions are one comparison: it applies if w&mask == want.
type verdict struct {
	mask, want word
	answer     uint8
}

// firstOf returns the answer of the first verdict that applies. The last one always does.
func firstOf(verdicts []verdict, w word) uint8 {
	for _, v := range verdicts {
		if w&v.mask == v.want {
			return v.answer
		}
	}
	return 0
}

// verdicts turns rules into comparisons and returns all the bits they ask about. A condition on any of
// several bits becomes one verdict for each of them.
func (t *compiledTable) verdicts(rules []rule, numbers map[answer]uint8) (all []verdict, mentions word) {
	for _, r := range rules {
		key := answer{r.out, r.err}
		number, known := numbers[key]
		if !known {
			number = uint8(len(numbers))
			numbers[key] = number
			t.answers[number] = key
		}
		alternatives := []verdict{{answer: number}}
		for _, c := range r.when {
			mentions |= c.bits
			alternatives = c.require(alternatives)
		}
		all = append(all, alternatives...)
	}
	return all, mentions
}

// require adds the condition to each of the verdicts.
func (c condition) require(verdicts []verdict) []verdict {
	var result []verdict
	for _, v := range verdicts {
		if c.negated {
			v.mask |= c.bits
			result = append(result, v)
			continue
		}
		for rest := c.bits; rest != 0; rest &= rest - 1 {
			one := rest & -rest
			w := v
			w.mask |= one
			w.want |= one
			result = append(result, w)
		}
	}
	return result
}

// foldable looks for shifts that bring the bits of a mask together without mixing them up, into the
// shortest number. There always are some: in the last resort the number is as long as the mask.
func foldable(mask word) compiledCell {
	lowest, top := 0, bits.Len64(uint64(mask))
	if mask != 0 {
		lowest = bits.TrailingZeros64(uint64(mask))
	}
	for length := bits.OnesCount64(uint64(mask)); ; length++ {
		for x := max(0, lowest-2); x <= lowest; x++ {
			for y := x; y <= max(x, top-1); y++ {
				for z := y; z <= max(y, top-1); z++ {
					if keepsApart(mask, length, x, y, z) {
						return compiledCell{mask: mask, window: 1<<length - 1, shifts: [3]uint8{uint8(x), uint8(y), uint8(z)}}
					}
				}
			}
		}
	}
}

// keepsApart reports whether each bit of the mask has a place in the folded number to which no other
// bit of it comes, so that the number tells all combinations apart. The shifts must not descend.
func keepsApart(mask word, length, x, y, z int) bool {
	window := word(1)<<length - 1
	a, b, c := mask>>x&window, mask>>y&window, mask>>z&window
	if y == x {
		b = 0 // the same bits in the same places
	}
	if z == y {
		c = 0
	}
	alone := (a ^ b ^ c) &^ (a & b & c)
	return (alone&a)<<x|(alone&b)<<y|(alone&c)<<z == mask
}
