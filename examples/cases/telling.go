package cases

import (
	"slices"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Telling is a story that is told action by action, so that whoever tells it sees what each
// one comes to before the next.
type Telling struct {
	playing *playing
	catalog *plan.Catalog
}

// Begin makes the plans and the subscription of a story, and does none of its actions: they
// only say when the agreement is made, if one of them lies before the start. The faults are
// what the engine refuses.
func (s *Story) Begin(id subscription.ID) (*Telling, []strict.Fault) {
	p, faults := s.begin(id)
	if len(faults) > 0 {
		return nil, faults
	}
	var entries []plan.CatalogEntry
	for _, v := range p.versions {
		entries = append(entries, plan.Release{Plan: v.Plan()})
	}
	for _, a := range p.addOns {
		entries = append(entries, a.AddOn())
	}
	catalog, err := plan.NewCatalog(entries...)
	if err != nil {
		return nil, located("", err)
	}
	return &Telling{p, catalog}, nil
}

// Do does one action. If the engine refuses it, all is as before. A record of usage is taken
// as it is: billing judges it.
func (t *Telling) Do(a Action) error {
	_, err := t.playing.act([]Action{a})
	return err
}

// Fork returns a telling that goes on by itself, from what this one has come to.
func (t *Telling) Fork() *Telling {
	p := *t.playing
	p.past, p.usage = slices.Clip(p.past), slices.Clip(p.usage)
	return &Telling{&p, t.catalog}
}

// Restart goes on from the document of a subscription, as a process does that has no other.
func (t *Telling) Restart(document []byte) error {
	sub, err := subscription.Decode(document, t.catalog)
	if err == nil {
		t.playing.sub = sub
	}
	return err
}

// Subscription is what the actions so far led to.
func (t *Telling) Subscription() subscription.Subscription { return t.playing.sub }

// Usage returns the records so far, a copy.
func (t *Telling) Usage() billing.Usage { return slices.Clone(t.playing.usage) }
