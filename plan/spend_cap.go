package plan

import (
	"slices"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// SpendCap is an amount that usage comes to at most in a period of the plan, or that it is
// reported to exceed. It is that of every period, however much of it was lived: a budget is not
// smaller because a period was cut.
type SpendCap struct {
	// Amount is that of a period, above zero, in the plan's own currency.
	Amount money.Money `json:"amount"`
	// Amounts are those in the other currencies in which the plan is sold: one for each of
	// them.
	Amounts []money.Money `json:"amounts,omitempty"`
	// Charges are the ids of the metered charges of the plan, or of its phases, whose usage
	// counts; empty: all usage, that of add-ons too.
	Charges []string `json:"charges,omitempty"`
	// Over says what becomes of what exceeds the amount. Empty: [OverReported].
	Over OverCap `json:"over,omitempty"`
}

// OverCap says what becomes of usage that exceeds a [SpendCap]. The zero OverCap is omitted, and
// [OverReported].
type OverCap string

const (
	// OverReported bills it, and says on the line how much lies above the cap.
	OverReported OverCap = "report"
	// OverNotBilled does not bill it: usage stops there, as far as money goes. Whether anything
	// more can be used the service decides.
	OverNotBilled OverCap = "stop"
)

func (OverCap) vocabulary() (string, []OverCap) {
	return "choice for what exceeds a spend cap", []OverCap{OverReported, OverNotBilled}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero OverCap.
func (o *OverCap) UnmarshalText(text []byte) error { return parseWord(o, text) }

var spendCapCodec = strictjson.Struct(
	strictjson.Field("amount", func(v *SpendCap) *money.Money { return &v.Amount }, amountCodec).Needed(),
	strictjson.Optional("amounts", func(v *SpendCap) *[]money.Money { return &v.Amounts }, strictjson.List[[]money.Money](amountCodec)),
	strictjson.Optional("charges", func(v *SpendCap) *[]string { return &v.Charges }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("over", func(v *SpendCap) *OverCap { return &v.Over }, words[OverCap]()),
)

// Counts reports whether usage of a charge counts towards the cap.
func (s *SpendCap) Counts(c *CompiledCharge) bool {
	return c.metric != "" && s.lists(c.id)
}

func (s *SpendCap) lists(id string) bool {
	return len(s.Charges) == 0 || slices.Contains(s.Charges, id)
}

// Equal compares by value.
func (s SpendCap) Equal(o SpendCap) bool {
	return s.Amount == o.Amount && slices.Equal(s.Amounts, o.Amounts) && slices.Equal(s.Charges, o.Charges) && s.Over == o.Over
}

func (s SpendCap) clone() SpendCap {
	s.Amounts, s.Charges = slices.Clone(s.Amounts), slices.Clone(s.Charges)
	return s
}

func (s SpendCap) check(f faults) {
	amount := f.field("amount")
	if !s.Amount.IsValid() {
		amount.add(errMissing)
	} else {
		amount.require(s.Amount.Sign() > 0, fault.OutOfRange, "must be above zero")
	}
	f.field("amounts").amountsAboveZero(s.Amounts)
	charges := f.field("charges")
	charges.atMost(len(s.Charges), MaxCharges)
	seen := make(map[string]bool, len(s.Charges))
	for i, id := range s.Charges {
		charges.index(i).id(id)
		charges.index(i).unique(seen, id)
	}
	word(f.field("over"), s.Over)
}

// checkSpendCap compares the cap with the plan. What it counts bills by the periods of the plan,
// which are of one length: otherwise it would not be said of which period it is the cap.
func (p Plan) checkSpendCap(f faults) {
	s := p.SpendCap
	own := f.field("spend_cap")
	s.check(own)
	own.require(!p.Every.IsZero(), fault.Excluded, "nothing recurs of which a period could have a cap")
	for i, phase := range p.Phases {
		own.require(phase.Every.IsZero() || phase.Every == p.Every, fault.Inconsistent, strictjson.Index("phases", i)+" has periods of another length")
	}
	own.field("amount").inPlan(s.Amount, p.Currency)
	own.field("amounts").amountsIn(s.Amounts, p.Currencies)
	for i, id := range s.Charges {
		found, metered := false, false
		for _, charges := range p.allCharges() {
			for _, c := range charges {
				if c.ID == id {
					found, metered = true, metered || c.Metric != ""
				}
			}
		}
		at := own.field("charges").index(i)
		at.require(found || id == "", fault.NotFound, "there is no charge of this id")
		at.require(metered || !found, fault.Inconsistent, "only usage is capped")
	}
	f.field("charges").capped(s, p.Charges, p.Every)
	for i, phase := range p.Phases {
		f.field("phases").index(i).field("charges").capped(s, phase.Charges, p.Every)
	}
}

// capped checks that what a cap counts bills by the periods that it is for.
func (f faults) capped(s *SpendCap, charges []Charge, every calendar.Interval) {
	for i, c := range charges {
		own := c.Metric != "" && s.lists(c.ID) && !c.Every.IsZero() && stepOf(c.Every) != stepOf(every)
		f.index(i).field("every").require(!own, fault.Inconsistent, "usage that a spend cap counts bills by the periods of the plan")
	}
}

// allCharges returns the charges of the plan and those of each phase.
func (p Plan) allCharges() [][]Charge {
	all := [][]Charge{p.Charges}
	for _, phase := range p.Phases {
		all = append(all, phase.Charges)
	}
	return all
}

// in returns the cap as if the plan were sold in one of its other currencies alone.
func (s SpendCap) in(c money.Currency) *SpendCap {
	s = s.clone()
	for _, amount := range s.Amounts {
		if amount.Currency() == c {
			s.Amount = amount
		}
	}
	s.Amounts = nil
	return &s
}

// SpendCap returns what usage comes to at most in a period, or is reported to exceed, with its
// defaults filled in and in the version's currency alone, and whether there is such a cap.
func (v *Version) SpendCap() (SpendCap, bool) {
	if v.plan.SpendCap == nil {
		return SpendCap{}, false
	}
	s := v.plan.SpendCap.clone()
	s.Amounts, s.Over = nil, or(s.Over, OverReported)
	return s, true
}

// HasSpendCap reports whether there is one.
func (v *Version) HasSpendCap() bool { return v.plan.SpendCap != nil }
