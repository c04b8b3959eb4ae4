package plan

// Permission says who may do something to a subscription. The zero Permission is
// [Anyone].
type Permission string

const (
	// Anyone permits the subscriber and the operator. It is the default.
	Anyone Permission = "anyone"
	// Operator permits the operator only.
	Operator Permission = "operator"
	// Nobody permits neither of the two.
	Nobody Permission = "nobody"
)

func (Permission) vocabulary() (string, []Permission) {
	return "permission", []Permission{Anyone, Operator, Nobody}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Permission.
func (p *Permission) UnmarshalText(text []byte) error { return parseWord(p, text) }

// Rules say what may be done to subscriptions of a plan, and by whom. The zero
// Rules let anyone do anything. Rules are comparable with ==.
type Rules struct {
	// Cancel is ending the subscription, immediately or later.
	Cancel Permission `json:"cancel,omitempty"`
	// CancelNow is ending it immediately; it requires the permission to cancel too.
	CancelNow Permission `json:"cancel_now,omitempty"`
	// Pause is pausing it.
	Pause Permission `json:"pause,omitempty"`
	// Resume is resuming a paused subscription and reactivating a cancelled one.
	Resume Permission `json:"resume,omitempty"`
	// Quantity is changing a quantity.
	Quantity Permission `json:"quantity,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (r Rules) Validate() error { return validate(r) }

func (r Rules) check(f faults) {
	word(f.field("cancel"), r.Cancel)
	word(f.field("cancel_now"), r.CancelNow)
	word(f.field("pause"), r.Pause)
	word(f.field("resume"), r.Resume)
	word(f.field("quantity"), r.Quantity)
}

// resolved returns r with the defaults filled in.
func (r Rules) resolved() Rules {
	return Rules{
		Cancel:    or(r.Cancel, Anyone),
		CancelNow: or(r.CancelNow, Anyone),
		Pause:     or(r.Pause, Anyone),
		Resume:    or(r.Resume, Anyone),
		Quantity:  or(r.Quantity, Anyone),
	}
}

// MarshalJSON writes valid rules; invalid ones are an error.
func (r Rules) MarshalJSON() ([]byte, error) { return encode(r, rulesCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (r *Rules) UnmarshalJSON(data []byte) error { return decode(data, r, rulesCodec) }
