package subscription

import (
	"fmt"
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/lifecycle"
)

// A Patch changes names, references and opaque data. A nil field leaves the value as
// it is; an empty value clears it.
type Patch struct {
	Name         *string `json:"name,omitempty"`
	ExternalRef  *string `json:"external_ref,omitempty"`
	Owner        *string `json:"owner,omitempty"`
	Account      *string `json:"account,omitempty"`
	Organization *string `json:"organization,omitempty"`
	Team         *string `json:"team,omitempty"`
	Parent       *ID     `json:"parent,omitempty"`
	Channel      *string `json:"channel,omitempty"`
	// CancelReason says why it was or will be cancelled; it does not cancel.
	CancelReason *string `json:"cancel_reason,omitempty"`
	// Tags replace all tags.
	Tags *[]string `json:"tags,omitempty"`
	// Metadata sets entries one by one; a nil value removes the entry.
	Metadata map[string]*string `json:"metadata,omitempty"`
}

func (p Patch) clone() *Patch {
	for _, text := range []**string{
		&p.Name, &p.ExternalRef, &p.Owner, &p.Account, &p.Organization, &p.Team, &p.Channel, &p.CancelReason,
	} {
		*text = copied(*text)
	}
	p.Parent = copied(p.Parent)
	if p.Tags != nil {
		tags := slices.Clone(*p.Tags)
		p.Tags = &tags
	}
	p.Metadata = maps.Clone(p.Metadata)
	for k, v := range p.Metadata {
		p.Metadata[k] = copied(v)
	}
	return &p
}

// apply returns the details after the patch; d must be the caller's own.
func (p *Patch) apply(d Details) Details {
	for _, f := range []struct {
		to   *string
		from *string
	}{
		{&d.Name, p.Name},
		{&d.ExternalRef, p.ExternalRef},
		{&d.Owner, p.Owner},
		{&d.Account, p.Account},
		{&d.Organization, p.Organization},
		{&d.Team, p.Team},
		{&d.Channel, p.Channel},
		{&d.CancelReason, p.CancelReason},
	} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if p.Parent != nil {
		d.Parent = *p.Parent
	}
	if p.Tags != nil {
		d.Tags = slices.Clone(*p.Tags)
	}
	for k, v := range p.Metadata {
		if v == nil {
			delete(d.Metadata, k)
			continue
		}
		if d.Metadata == nil {
			d.Metadata = map[string]string{}
		}
		d.Metadata[k] = *v
	}
	return d
}

// Update changes names, references and opaque data, in every status.
func (s Subscription) Update(call Call, p Patch) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Update, Patch: p.clone()})
}

func updateDetails(c *core, _ *span, cmd *record, inPlace bool) error {
	// Only what is given is checked, so that many updates of many entries stay cheap.
	var f faults
	given := *cmd.Patch
	if metadataFits(given.Metadata) {
		given.Metadata = nil
	}
	changed := given.apply(Details{})
	changed.check("patch.", &f)
	for _, k := range keys(given.Metadata) {
		if given.Metadata[k] == nil {
			f.wrap(strictjson.Key("patch.metadata", k), text.ID(k, MaxID))
		}
	}
	var d Details
	if c.details != nil {
		d = *c.details
	}
	if !inPlace {
		d = d.clone()
	}
	d = cmd.Patch.apply(d)
	if len(d.Metadata) > MaxMetadata {
		f.add("patch.metadata", fault.TooMany, "must be at most %d entries", MaxMetadata)
	}
	if d.Parent != "" && d.Parent == c.id {
		f.wrap("patch.parent", ErrCyclicParents)
	}
	if len(f) > 0 {
		return fmt.Errorf("%w: %w", ErrInvalidCall, f.err())
	}
	switch {
	case d.isZero():
		c.details = nil
	case inPlace && c.details != nil:
		*c.details = d
	default:
		c.details = copied(&d)
	}
	return nil
}

// metadataFits reports whether no entry has a fault, without looking for words to say so.
func metadataFits(entries map[string]*string) bool {
	for k, v := range entries {
		if text.ID(k, MaxID) != nil || v != nil && text.Note(*v, MaxValue) != nil {
			return false
		}
	}
	return len(entries) <= MaxMetadata
}
