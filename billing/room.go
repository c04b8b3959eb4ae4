package billing

import (
	"math/big"
	"slices"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A room is what a fixed discount gave in one billing cycle, less what credits gave
// back of it, exactly, in minor units: it never exceeds the discount's amount.
type room struct {
	given  big.Rat
	capped bool // the last invoice would have taken more than was left
}

// room returns the room of a billing cycle.
func (s *activeDiscount) room(cycle int) *room {
	if s.rooms == nil {
		s.rooms = map[int]*room{}
	}
	if s.rooms[cycle] == nil {
		s.rooms[cycle] = &room{}
	}
	return s.rooms[cycle]
}

// A draw is what one line drew from a room. The nil draw is none.
type draw struct {
	room   *room
	amount big.Rat
}

func (rm *room) draw(amount int64) *draw {
	d := &draw{room: rm}
	d.amount.SetInt64(amount)
	rm.given.Add(&rm.given, &d.amount)
	return d
}

// giveBack returns the share num/den of what was drawn.
func (d *draw) giveBack(num, den int64) {
	if d == nil || den == 0 {
		return
	}
	share := new(big.Rat).Mul(&d.amount, big.NewRat(num, den))
	d.room.given.Sub(&d.room.given, share)
	if d.room.given.Sign() < 0 {
		d.room.given.SetInt64(0)
	}
}

// split shares a fixed amount among lines of one billing cycle: each line's share in
// proportion to what is left of it, multiplied by the part of its period that it
// bills, and all together no more than the room has.
func (rm *room) split(amount int64, on []*draftLine, left []int64, policy plan.Policy) ([]int64, error) {
	var total big.Int
	for _, rest := range left {
		total.Add(&total, big.NewInt(rest))
	}
	if total.Sign() == 0 {
		return nil, nil
	}
	sum := new(big.Rat)
	weights := make([]*big.Rat, len(on))
	for i, line := range on {
		w := new(big.Rat).SetFrac(big.NewInt(left[i]), &total)
		w.Mul(w, big.NewRat(line.partNum, line.partDen))
		weights[i] = w.Mul(w, new(big.Rat).SetInt64(amount))
		sum.Add(sum, w)
	}
	mode, err := prices.Mode(policy.Rounding)
	if err != nil {
		return nil, err
	}
	free := new(big.Rat).Sub(new(big.Rat).SetInt64(amount), &rm.given)
	rm.capped = false
	if free.Sign() <= 0 {
		return make([]int64, len(left)), nil
	}
	if sum.Cmp(free) > 0 {
		scale := new(big.Rat).Quo(free, sum)
		for _, w := range weights {
			w.Mul(w, scale)
		}
		sum = free
	}
	// What is taken off is rounded as the negative number that it is on the invoice.
	out := arith.RoundBig(new(big.Int).Neg(sum.Num()), sum.Denom(), mode)
	if out.Neg(out); new(big.Rat).SetInt(out).Cmp(free) > 0 {
		out.Quo(free.Num(), free.Denom())
		rm.capped = true
	}
	return shareOut(out, weights, left, policy.DiscountSplit), nil
}

// shareOut gives each line its share of a whole number of minor units, which the exact
// shares round to, no share above what is left of its line.
func shareOut(amount *big.Int, shares []*big.Rat, left []int64, how plan.DiscountSplit) []int64 {
	off := make([]int64, len(left))
	if amount.Sign() <= 0 {
		return off
	}
	rest := new(big.Int).Set(amount)
	take := func(i int, n *big.Int) {
		more := new(big.Int).Set(n)
		if room := big.NewInt(left[i] - off[i]); more.Cmp(room) > 0 {
			more.Set(room)
		}
		off[i] += more.Int64()
		rest.Sub(rest, more)
	}
	remainders := make([]*big.Rat, len(left))
	if how != plan.SplitInOrder {
		for i, exact := range shares {
			whole := new(big.Int).Quo(exact.Num(), exact.Denom())
			remainders[i] = new(big.Rat).Sub(exact, new(big.Rat).SetInt(whole))
			take(i, whole)
		}
	}
	switch how {
	case plan.SplitInOrder:
	case plan.SplitLargestRemainder:
		order := make([]int, len(left))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
		one := big.NewInt(1)
		for _, i := range order {
			if rest.Sign() > 0 {
				take(i, one)
			}
		}
	case plan.SplitProportion:
		take(len(left)-1, rest) // the last line takes what rounding left
	}
	// What a line cannot take goes to the others: in order, or back to the earlier ones.
	for k := range left {
		i := k
		if how != plan.SplitInOrder {
			i = len(left) - 1 - k
		}
		if rest.Sign() > 0 {
			take(i, rest)
		}
	}
	return off
}

// splitWhole shares the whole of a fixed amount among lines of which so much is left.
func splitWhole(amount int64, left []int64, how plan.DiscountSplit, c money.Currency) ([]int64, error) {
	total, err := money.FromMinor(0, c), error(nil)
	for _, rest := range left {
		if total, err = total.Add(money.FromMinor(rest, c)); err != nil {
			return nil, err
		}
	}
	amount = min(amount, total.Minor())
	shares := make([]*big.Rat, len(left))
	for i, rest := range left {
		shares[i] = new(big.Rat)
		if total.Minor() > 0 {
			shares[i].Mul(big.NewRat(amount, total.Minor()), new(big.Rat).SetInt64(rest))
		}
	}
	return shareOut(big.NewInt(amount), shares, left, how), nil
}
