package cgscanning

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/subscription"
)

// The features that the API names.
const (
	NumberOfIPs         feature.Key = "number_of_ips"
	Rescan              feature.Key = "rescan"
	AIRemediator        feature.Key = "ai_remediator"
	InternalVRMs        feature.Key = "internal_vrms"
	InternalPenetration feature.Key = "internal_penetration"
)

// kindOf returns what a feature counts, and whether the API has it.
func kindOf(key feature.Key) (feature.Kind, bool) {
	switch key {
	case NumberOfIPs, InternalVRMs, InternalPenetration:
		return feature.Limit, true
	case Rescan:
		return feature.Allowance, true
	case AIRemediator:
		return feature.Switch, true
	}
	return "", false
}

// Features are features by name. A missing one does not exist or, in an update, is
// unchanged.
type Features struct {
	NumberOfIPs         *Stock    `json:"number_of_ips,omitempty"`
	Rescan              *Rescans  `json:"rescan,omitempty"`
	AIRemediator        *OnOff    `json:"ai_remediator,omitempty"`
	InternalVRMs        *Switched `json:"internal_vrms,omitempty"`
	InternalPenetration *Switched `json:"internal_penetration,omitempty"`
}

// Stock is a number in use at the same time; it is always on.
type Stock struct {
	Limit *int64 `json:"limit,omitempty"`
}

// OnOff is a feature that is on or off.
type OnOff struct {
	Active *bool `json:"active,omitempty"`
}

// Switched is a stock that can be off or unlimited.
type Switched struct {
	Active    *bool  `json:"active,omitempty"`
	Unlimited *bool  `json:"unlimited,omitempty"`
	Limit     *int64 `json:"limit,omitempty"`
}

// Rescans is a number of uses in each unit of time.
type Rescans struct {
	Active    *bool   `json:"active,omitempty"`
	Unlimited *bool   `json:"unlimited,omitempty"`
	Number    *int64  `json:"num_of_rescans,omitempty"`
	Unit      *string `json:"unit,omitempty"`
	WhenRun   *string `json:"when_run,omitempty"`
}

// units are the words for the window of rescans, in the order of feature.Words[feature.Window].
var units = [...]struct {
	word   string
	window feature.Window
}{
	{"day", feature.Day},
	{"week", feature.Week},
	{"month", feature.Month},
	{"year", feature.Year},
	{"term", feature.BillingPeriod},
	{"none", feature.Life},
}

// overrides returns the members that are set, as overrides of a plan's grants.
func (f Features) overrides() (feature.Overrides, error) {
	given, faults := feature.Overrides{}, wire.Faults{}
	put := func(key feature.Key, active, unlimited *bool, limit *int64) feature.Override {
		kind, _ := kindOf(key)
		o := feature.Override{Kind: &kind, Active: active, Unlimited: unlimited}
		if limit != nil {
			d := decimal.NewFromInt(*limit)
			o.Limit = &d
		}
		given[key] = o
		return o
	}
	if s := f.NumberOfIPs; s != nil {
		put(NumberOfIPs, nil, nil, s.Limit)
	}
	if s := f.AIRemediator; s != nil {
		put(AIRemediator, s.Active, nil, nil)
	}
	if s := f.InternalVRMs; s != nil {
		put(InternalVRMs, s.Active, s.Unlimited, s.Limit)
	}
	if s := f.InternalPenetration; s != nil {
		put(InternalPenetration, s.Active, s.Unlimited, s.Limit)
	}
	if s := f.Rescan; s != nil {
		o := put(Rescan, s.Active, s.Unlimited, s.Number)
		o.WhenRun = s.WhenRun
		if s.Unit != nil {
			w, err := windowOf(*s.Unit)
			faults.Add("rescan.unit", err)
			o.Window = &w
		}
		given[Rescan] = o
	}
	return given, faults.Err()
}

func windowOf(word string) (feature.Window, error) {
	for _, u := range units {
		if u.word == word {
			return u.window, nil
		}
	}
	return "", fmt.Errorf("must be day, week, month, year, term or none, not %q", word)
}

// encodeFeatures returns the features granted at an instant.
func encodeFeatures(sub subscription.Subscription, at time.Time, losses *wire.Losses) (*Features, error) {
	all, err := sub.Entitlements(at)
	if err != nil {
		return nil, err
	}
	f := &Features{}
	for _, e := range all {
		if g := e.Grant(); e.Granted() {
			if g.Per != "" {
				losses.Add("features."+string(e.Key()), "that the limit is for each unit of %q", g.Per)
			}
			if limit, limited := e.Limit(); limited {
				g.Limit = limit
			}
			f.put(e.Key(), g, losses)
		}
	}
	if *f == (Features{}) {
		return nil, nil
	}
	return f, nil
}

// put writes one grant.
func (f *Features) put(key feature.Key, g feature.Grant, losses *wire.Losses) {
	at := "features." + string(key)
	kind, known := kindOf(key)
	if !known || kind != g.Kind {
		losses.Add("features", "the feature %q of kind %s", string(key), g.Kind)
		return
	}
	active, unlimited := g.Active, g.Unlimited
	limit := whole(g.Limit, at, losses)
	switch key {
	case NumberOfIPs:
		if !active || unlimited {
			losses.Add(at, "that it is off or without a limit")
		}
		if unlimited {
			limit = math.MaxInt32
		}
		f.NumberOfIPs = &Stock{Limit: &limit}
	case AIRemediator:
		f.AIRemediator = &OnOff{Active: &active}
	case InternalVRMs:
		f.InternalVRMs = &Switched{Active: &active, Unlimited: &unlimited, Limit: &limit}
	case InternalPenetration:
		f.InternalPenetration = &Switched{Active: &active, Unlimited: &unlimited, Limit: &limit}
	case Rescan:
		r := Rescans{Active: &active, Unlimited: &unlimited, Number: &limit}
		for _, u := range units {
			if u.window == g.Window {
				r.Unit = &u.word
			}
		}
		if r.Unit == nil {
			losses.Add(at+".unit", "a window of %q", string(g.Window))
		}
		when := g.WhenRun
		if when == "" {
			when = feature.Always
		}
		r.WhenRun = &when
		f.Rescan = &r
	}
}

// whole returns a limit as a whole number.
func whole(d decimal.Decimal, at string, losses *wire.Losses) int64 {
	w := d.Truncate(0)
	if !w.Equal(d) || !w.BigInt().IsInt64() {
		losses.Add(at, "a limit of %s", d)
	}
	if !w.BigInt().IsInt64() {
		return math.MaxInt64
	}
	return w.IntPart()
}

func itoa(i int) string { return strconv.Itoa(i) }
