package lifecycle

import "math/bits"

// ready is the compiled table.
var ready = *compileTable(table)

// compiledTable decides without walking through rules. The circumstances of a question are one
// word. Each cell knows which bits of it matter there; one multiplication brings them together into
// a short number, which is an index into the answers. There is no branch on the circumstances, so
// mixed questions cost the same as equal ones.
type compiledTable struct {
	cells   [statusCount][actionEnd]compiledCell
	folded  [maxFolded]uint8 // for each cell, from its offset, the number of the answer by folded bits
	answers [256]answer      // the different answers of the whole table; number 0 refuses as invalid
	reasons [256]error       // why an answer refuses, by the same number
}

// compiledCell is one cell: the bits that matter and how they fold.
type compiledCell struct {
	mask   word
	factor word   // brings the masked bits to foldPlace and above
	offset uint64 // where its part of folded begins
	window uint64 // the bits of the folded number: a power of two, less one
}

const (
	// maxFolded bounds the parts of all cells together, of which some 31,000 are used; they must fit the
	// nearest cache of a processor.
	maxFolded = 1 << 15
	// foldPlace is the bit of the product at which the folded number begins.
	foldPlace = 44
)

// answer is an outcome, or a refusal whose reason is in reasons.
type answer struct {
	out     Outcome
	refuses bool
}

// number folds the bits that matter together: where the answer's number stands in folded. The remainder
// changes nothing, since all parts fit; it saves the check of the index.
func (c *compiledCell) number(w word) uint64 {
	return (uint64(w&c.mask*c.factor)>>foldPlace&c.window + c.offset) % maxFolded
}

// compileTable compiles the table.
func compileTable(rows []row) *compiledTable {
	t := &compiledTable{}
	numbers := map[decided]uint8{}
	t.numberOf(decided{err: ErrInvalid}, numbers)
	var used uint64 = 1 // the part of the cells that nothing fills
	for r := range rows {
		for i := statusIndex(1); int(i) < statusCount; i++ {
			t.cells[i][rows[r].action] = t.compile(rows[r].rules(i), numbers, &used)
		}
	}
	return t
}

// compile compiles one cell: it turns the rules into verdicts, and these into a part of folded.
func (t *compiledTable) compile(rules []rule, numbers map[decided]uint8, used *uint64) compiledCell {
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

// decided is what a rule says when it applies.
type decided struct {
	out Outcome
	err error
}

// numberOf returns the number of an answer, or a new one if it has none yet.
func (t *compiledTable) numberOf(d decided, numbers map[decided]uint8) uint8 {
	number, known := numbers[d]
	if !known {
		number = uint8(len(numbers))
		numbers[d] = number
		t.answers[number] = answer{d.out, d.err != nil}
		t.reasons[number] = d.err
	}
	return number
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
func (t *compiledTable) verdicts(rules []rule, numbers map[decided]uint8) (all []verdict, mentions word) {
	for _, r := range rules {
		alternatives := []verdict{{answer: t.numberOf(decided{r.out, r.err}, numbers)}}
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

// foldable finds a factor that brings the bits of a mask together without mixing them up, into the
// shortest number. There is always one: in the worst case the bits keep their distances.
func foldable(mask word) compiledCell {
	if mask == 0 {
		return compiledCell{}
	}
	lowest, top := bits.TrailingZeros64(uint64(mask)), bits.Len64(uint64(mask))-1
	for length := bits.OnesCount64(uint64(mask)); ; length++ {
		for x := max(0, lowest-2); x <= lowest; x++ {
			for y := x; y <= top; y++ {
				for z := y; z <= top; z++ {
					if factor, ok := keepsApart(mask, length, x, y, z); ok {
						return compiledCell{mask: mask, factor: factor, window: 1<<length - 1}
					}
				}
			}
		}
	}
}

// keepsApart reports whether a factor made of three powers of two brings every bit of the mask to a
// place of its own among the length bits from foldPlace on, so that they tell all combinations
// apart: it brings the bits at x, at y and at z to foldPlace. Nothing may meet there or below,
// because of the carry. What is brought higher does no harm. x, y and z must not descend; equal
// ones count once.
func keepsApart(mask word, length, x, y, z int) (factor word, ok bool) {
	var sum, arrived word
	below := word(1)<<(foldPlace+length) - 1
	for i, from := range [...]int{x, y, z} {
		if i > 0 && from == [...]int{x, y, z}[i-1] {
			continue
		}
		factor |= 1 << (foldPlace - from)
		moved := mask << (foldPlace - from)
		if sum&moved&below != 0 {
			return 0, false
		}
		sum |= moved
		arrived |= moved & below >> foldPlace << from
	}
	return factor, arrived&mask == mask
}
