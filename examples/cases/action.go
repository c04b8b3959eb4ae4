package cases

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Action is something that happens in a story.
type Action struct {
	At   Moment
	Set  string // the change set that it is a part of, "" for none
	Verb Verb
}

// Verb is what happens: one of the types of this file, as a pointer, each with
// the fields that the format gives it and no others.
type Verb interface {
	// settle fills in defaults and checks what the types cannot.
	settle(n strict.Node) []strict.Fault
}

// stamp is what every action has. It lets each verb know the names.
type stamp struct {
	At  Moment `json:"at"`
	Do  string `json:"do"`
	Set string `json:"set"`
}

// DecodeStrict reads an action: its fields are those of its verb.
func (a *Action) DecodeStrict(n strict.Node) []strict.Fault {
	if n.Kind() != strict.Object {
		return []strict.Fault{n.Faultf(fault.WrongType, "must be an object")}
	}
	faults := missing(n, "at", "do")
	if len(faults) > 0 {
		return faults
	}
	verb, err := newVerb(text(n, "do"))
	if err != nil {
		return []strict.Fault{below(n, "do", err)}
	}
	faults = n.Decode(verb)
	at, _ := n.Field("at")
	faults = append(faults, at.Decode(&a.At)...)
	a.Set, a.Verb = text(n, "set"), verb
	return beside(faults, verb.settle(n))
}

func newVerb(do string) (Verb, error) {
	switch do {
	case "change_plan":
		return &ChangePlan{}, nil
	case "change_quantity":
		return &ChangeQuantity{}, nil
	case "change_price":
		return &ChangePrice{}, nil
	case "attach":
		return &Attach{}, nil
	case "detach":
		return &Detach{}, nil
	case "cancel":
		return &Cancel{}, nil
	case "undo_cancel":
		return &UndoCancel{}, nil
	case "pause":
		return &Pause{}, nil
	case "resume":
		return &Resume{}, nil
	case "reactivate":
		return &Reactivate{}, nil
	case "end_trial":
		return &EndTrial{}, nil
	case "extend_trial":
		return &ExtendTrial{}, nil
	case "set_anchor":
		return &SetAnchor{}, nil
	case "set_next_billing":
		return &SetNextBilling{}, nil
	case "suspend":
		return &Suspend{}, nil
	case "restore":
		return &Restore{}, nil
	case "discount":
		return &Discount{}, nil
	case "one_off":
		return &OneOff{}, nil
	case "account_credit":
		return &AccountCredit{}, nil
	case "usage":
		return &Usage{}, nil
	case "grant":
		return &Grant{}, nil
	case "revoke_grant":
		return &RevokeGrant{}, nil
	}
	return nil, fmt.Errorf("unknown action %q", do)
}

// When says when an action takes effect: now, at the end of the period, or at a
// moment. The zero When is now.
type When struct {
	PeriodEnd bool
	At        Moment // zero: now, or the period's end
}

// UnmarshalText reads now, period_end or a moment.
func (w *When) UnmarshalText(text []byte) error {
	switch string(text) {
	case "now":
		*w = When{}
		return nil
	case "period_end":
		*w = When{PeriodEnd: true}
		return nil
	}
	return w.At.UnmarshalText(text)
}

// IsNow reports whether the action takes effect at its own instant.
func (w When) IsNow() bool { return !w.PeriodEnd && w.At.IsZero() }

// Change is what every change of plan, quantity or price may choose.
type Change struct {
	Effective When              `json:"effective"`  // now if omitted
	Credit    plan.UnusedCredit `json:"credit"`     // prorate (default), full or none, of the unused part of what was billed in advance
	ChargeNew plan.ChargeNew    `json:"charge_new"` // prorate (default), full or none
	Collect   plan.Collect      `json:"collect"`    // now (default) or next_invoice
	Anchor    plan.Anchor       `json:"anchor"`     // keep (default) or reset: a new period starts at the change
}

func (c *Change) settle(n strict.Node) []strict.Fault {
	faults := word(n, "credit", &c.Credit, plan.CreditProrate, plan.Words[plan.UnusedCredit]()...)
	faults = append(faults, word(n, "charge_new", &c.ChargeNew, plan.ChargeProrate, plan.Words[plan.ChargeNew]()...)...)
	faults = append(faults, word(n, "collect", &c.Collect, plan.CollectNow, plan.Words[plan.Collect]()...)...)
	return append(faults, word(n, "anchor", &c.Anchor, plan.KeepAnchor, plan.KeepAnchor, plan.ResetAnchor)...)
}

// ChangePlan changes the plan, and the quantity if one is given.
type ChangePlan struct {
	stamp
	Change
	To       string           `json:"to"`
	Quantity *decimal.Decimal `json:"quantity"`
}

func (v *ChangePlan) settle(n strict.Node) []strict.Fault {
	return append(v.Change.settle(n), missing(n, "to")...)
}

// ChangeQuantity changes the subscription's quantity, or that of one charge or of an add-on.
type ChangeQuantity struct {
	stamp
	Change
	Quantity decimal.Decimal `json:"quantity"`
	Charge   string          `json:"charge"` // "": the subscription's

	Attachment string `json:"attachment"` // of an add-on, instead
}

func (v *ChangeQuantity) settle(n strict.Node) []strict.Fault {
	faults := append(v.Change.settle(n), missing(n, "quantity")...)
	if has(n, "charge") && has(n, "attachment") {
		faults = append(faults, n.Faultf(fault.Unusable, "must not have both charge and attachment"))
	}
	return faults
}

// Attach takes on an add-on.
type Attach struct {
	stamp
	Change
	AddOn    string           `json:"add_on"`
	ID       string           `json:"id"` // of the attachment
	Quantity *decimal.Decimal `json:"quantity"`
	Price    *Price           `json:"price"`  // of the add-on's one charge
	Cycles   int              `json:"cycles"` // 0: without end
}

func (v *Attach) settle(n strict.Node) []strict.Fault {
	return append(append(v.Change.settle(n), missing(n, "add_on", "id")...), positive(n, "cycles", v.Cycles)...)
}

// Detach gives up an add-on.
type Detach struct {
	stamp
	Change
	ID string `json:"id"`
}

func (v *Detach) settle(n strict.Node) []strict.Fault {
	return append(v.Change.settle(n), missing(n, "id", "effective")...)
}

// ChangePrice changes the price of one charge.
type ChangePrice struct {
	stamp
	Change
	Charge string `json:"charge"`
	Price  Price  `json:"price"`
}

func (v *ChangePrice) settle(n strict.Node) []strict.Fault {
	return append(v.Change.settle(n), missing(n, "charge", "price")...)
}

// Cancel ends the subscription.
type Cancel struct {
	stamp
	Effective When              `json:"effective"`
	Credit    plan.UnusedCredit `json:"credit"`    // none (default), prorate or full
	EarlyEnd  bool              `json:"early_end"` // with the fee of the contract
}

func (v *Cancel) settle(n strict.Node) []strict.Fault {
	if v.EarlyEnd && v.Effective != (When{}) {
		return []strict.Fault{below(n, "early_end", errEarlyEnd)}
	}
	return append(missing(n, "effective"), word(n, "credit", &v.Credit, plan.CreditNone, plan.Words[plan.UnusedCredit]()...)...)
}

// UndoCancel takes a scheduled cancellation back.
type UndoCancel struct{ stamp }

func (*UndoCancel) settle(strict.Node) []strict.Fault { return nil }

// Pause stops the subscription: without end, for some cycles, or until an instant.
type Pause struct {
	stamp
	Effective When              `json:"effective"`
	Credit    plan.UnusedCredit `json:"credit"`    // none (default) or prorate
	Cycles    int               `json:"cycles"`    // 0: not by cycles
	ResumeAt  Moment            `json:"resume_at"` // zero: not at an instant
}

func (v *Pause) settle(n strict.Node) []strict.Fault {
	faults := append(missing(n, "effective"), word(n, "credit", &v.Credit, plan.CreditNone, plan.CreditNone, plan.CreditProrate)...)
	faults = append(faults, positive(n, "cycles", v.Cycles)...)
	if has(n, "cycles") && has(n, "resume_at") {
		faults = append(faults, exactlyOne(n, "cycles", "resume_at")...)
	}
	return faults
}

// Resume ends a pause.
type Resume struct {
	stamp
	Anchor plan.Anchor `json:"anchor"` // keep (default), reset or extend
}

func (v *Resume) settle(n strict.Node) []strict.Fault {
	return word(n, "anchor", &v.Anchor, plan.KeepAnchor, plan.Words[plan.Anchor]()...)
}

// Reactivate brings a cancelled subscription back.
type Reactivate struct{ stamp }

func (*Reactivate) settle(strict.Node) []strict.Fault { return nil }

// EndTrial ends the trial at once.
type EndTrial struct{ stamp }

func (*EndTrial) settle(strict.Node) []strict.Fault { return nil }

// ExtendTrial moves the end of the trial.
type ExtendTrial struct {
	stamp
	To Moment `json:"to"`
}

func (*ExtendTrial) settle(n strict.Node) []strict.Fault { return missing(n, "to") }

// SetAnchor moves the grid of the periods.
type SetAnchor struct {
	stamp
	Anchor    Moment `json:"anchor"`
	Proration string `json:"proration"` // prorate (default) or none
}

func (v *SetAnchor) settle(n strict.Node) []strict.Fault {
	return append(missing(n, "anchor"), word(n, "proration", &v.Proration, "prorate", "prorate", "none")...)
}

// SetNextBilling moves the end of the running period.
type SetNextBilling struct {
	stamp
	To         Moment                  `json:"to"`
	Difference subscription.Difference `json:"difference"` // free (default) or share
}

func (v *SetNextBilling) settle(n strict.Node) []strict.Fault {
	return append(missing(n, "to"), word(n, "difference", &v.Difference, subscription.Free, subscription.Free, subscription.ByShare)...)
}

// Suspend stops the service, and not its billing.
type Suspend struct{ stamp }

func (*Suspend) settle(strict.Node) []strict.Fault { return nil }

// Restore ends a suspension.
type Restore struct{ stamp }

func (*Restore) settle(strict.Node) []strict.Fault { return nil }

// Discount reduces what later invoices charge, by a percentage or an amount.
type Discount struct {
	stamp
	Percent  *decimal.Decimal `json:"percent"`
	Amount   *decimal.Decimal `json:"amount"`
	Duration plan.Duration    `json:"duration"` // once, forever or cycles; with for, none
	Cycles   int              `json:"cycles"`
	For      Every            `json:"for"`    // a length of time
	Charge   string           `json:"charge"` // "": all lines

	Charges []string              `json:"charges"` // several, instead
	Kinds   []plan.DiscountedKind `json:"kinds"`   // of line; none: all
}

func (v *Discount) settle(n strict.Node) []strict.Fault {
	faults := exactlyOne(n, "percent", "amount")
	if has(n, "for") {
		faults = append(faults, word(n, "duration", &v.Duration, plan.ForTime, plan.ForTime)...)
	} else {
		faults = append(faults, word(n, "duration", &v.Duration, "", plan.OnceOnly, plan.Forever, plan.ForCycles)...)
	}
	faults = append(faults, positive(n, "cycles", v.Cycles)...)
	if has(n, "cycles") != (v.Duration == plan.ForCycles) {
		faults = append(faults, n.Faultf(fault.Unusable, "must have cycles exactly if the duration is cycles"))
	}
	if v.Charge != "" {
		if len(v.Charges) > 0 {
			faults = append(faults, n.Faultf(fault.Unusable, "must have either charge or charges"))
		}
		v.Charges = []string{v.Charge}
	}
	return faults
}

// OneOff is an amount due once, beside the plan.
type OneOff struct {
	stamp
	Amount  decimal.Decimal `json:"amount"`
	Collect plan.Collect    `json:"collect"` // next_invoice (default) or now
}

func (v *OneOff) settle(n strict.Node) []strict.Fault {
	return append(missing(n, "amount"), word(n, "collect", &v.Collect, plan.CollectNextInvoice, plan.Words[plan.Collect]()...)...)
}

// AccountCredit puts credit on the account.
type AccountCredit struct {
	stamp
	Amount decimal.Decimal `json:"amount"`
}

func (*AccountCredit) settle(n strict.Node) []strict.Fault { return missing(n, "amount") }

// Usage is a record of the named usage at the action's instant.
type Usage struct {
	stamp
	Of       string          `json:"of"`
	Quantity decimal.Decimal `json:"quantity"`
	Record   plan.Reading    `json:"record"` // how all records of the usage are read, where it is a level
	Key      string          `json:"key"`    // what is counted, where distinct keys are
	// Properties are what usage is priced by, where its price is a matrix.
	Properties map[string]string `json:"properties"`
}

func (v *Usage) settle(n strict.Node) []strict.Fault {
	faults := missing(n, "of", "quantity")
	for _, name := range slices.Sorted(maps.Keys(v.Properties)) {
		if v.Properties[name] == "" {
			faults = append(faults, n.Faultf(fault.Required, "properties.%s: must not be empty", name))
		}
	}
	return faults
}
