package cases

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/feature"
)

// Features are what a plan of a story grants, as the engine's own documents say it.
type Features struct{ feature.Set }

// DecodeStrict reads the features.
func (f *Features) DecodeStrict(n strict.Node) []strict.Fault {
	if err := json.Unmarshal(n.Raw(), &f.Set); err != nil {
		return n.Below(strict.Faults(err))
	}
	return nil
}

// ExpectedAllowance is what there must be of a feature at an instant. What it leaves out it
// does not assert.
type ExpectedAllowance struct {
	At      Moment           `json:"at"`
	Feature feature.Key      `json:"feature"`
	Limit   *decimal.Decimal `json:"limit"`
	From    Moment           `json:"from"` // where the window begins in which a use counts
	To      Moment           `json:"to"`   // where it ends
}

// DecodeStrict reads an allowance.
func (e *ExpectedAllowance) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedAllowance
	return append(n.Decode((*fields)(e)), missing(n, "at", "feature")...)
}

// Allowance is what there is of a feature at an instant, and the window in which a use
// counts; zero ends where there is none.
type Allowance struct {
	Limit    decimal.Decimal
	From, To time.Time
}

// allowance asks for what there is of a feature at t, by what was known then.
func (s *playing) allowance(key feature.Key, t time.Time) (Allowance, error) {
	e, err := s.at(t).Entitlement(key, t)
	if err != nil {
		return Allowance{}, err
	}
	w, err := e.Window(t)
	if err != nil {
		return Allowance{}, err
	}
	limit, _ := e.Limit()
	return Allowance{Limit: limit, From: w.Start, To: w.End}, nil
}

// judgeAllowance compares what there is with what must be.
func (c *Scenario) judgeAllowance(got Allowance, want ExpectedAllowance) answer {
	asked := fmt.Sprintf("%s at %s: ", want.Feature, want.At)
	if want.Limit != nil && !want.Limit.Equal(got.Limit) {
		return failed(asked+"limit "+got.Limit.String(), want.Limit.String())
	}
	for _, end := range []struct {
		name string
		got  time.Time
		want Moment
	}{{"from", got.From, want.From}, {"to", got.To, want.To}} {
		if !end.want.IsZero() && !end.got.Equal(end.want.In(c.Zone)) {
			return failed(asked+end.name+" "+show(end.got, c.Zone), end.want.String())
		}
	}
	return passed()
}
