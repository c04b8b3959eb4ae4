package wiretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/subscription"
)

// Story is a subscription told step by step: what was done, what was billed until then,
// its state, and how the document differs from the one before.
type Story struct {
	// Sub is the subscription as it is now.
	Sub subscription.Subscription
	// Usage is what was metered, Checkpoint what billing remembers.
	Usage      billing.Usage
	Checkpoint billing.Checkpoint
	// Document is what was shown last.
	Document any

	t      testing.TB
	encode func(*Story, string, wire.Mode) (any, error)
	out    bytes.Buffer
	before []leaf
}

// NewStory returns a story whose document encode writes at an instant.
func NewStory(t testing.TB, encode func(s *Story, now string, mode wire.Mode) (any, error)) *Story {
	return &Story{t: t, encode: encode}
}

// Tell adds a step: it bills up to an instant and shows the document.
func (s *Story) Tell(now, what string) {
	s.t.Helper()
	fmt.Fprintf(&s.out, "%s  %s\n", now, what)
	invoices, checkpoint, err := billing.Invoices(s.Sub, s.Usage, s.Checkpoint, MustAt(now))
	require.NoError(s.t, err)
	s.Checkpoint = checkpoint
	for _, inv := range invoices {
		fmt.Fprintf(&s.out, "  invoice of %s: %s\n", calendar.FormatInstant(inv.At), inv.Total)
		for _, line := range inv.Lines {
			fmt.Fprintf(&s.out, "    %-8s %-10s %s\n", line.Kind, line.Charge, line.Amount)
		}
	}
	next, err := billing.Next(s.Sub, s.Usage, s.Checkpoint, MustAt(now))
	require.NoError(s.t, err)
	bill := "never"
	if !next.At.IsZero() {
		bill = fmt.Sprintf("%s on %s", next.Amount, calendar.FormatInstant(next.At))
	}
	fmt.Fprintf(&s.out, "  %s; next bill: %s\n", s.Sub.Status(MustAt(now)), bill)
	s.show(now)
	s.out.WriteByte('\n')
}

// Do adds a step with the result of a verb or an update, which may be a refusal.
func (s *Story) Do(now, what string, next subscription.Subscription, err error) {
	s.t.Helper()
	if err != nil {
		what += "\n  refused: " + err.Error()
	} else {
		s.Sub = next
	}
	s.Tell(now, what)
}

// show writes what differs in the document from the one before.
func (s *Story) show(now string) {
	document, err := s.encode(s, now, wire.Strict)
	if err != nil {
		fmt.Fprintf(&s.out, "  strict: %s\n", err)
		document, err = s.encode(s, now, wire.Lossy)
	}
	require.NoError(s.t, err)
	s.Document = document
	data, err := json.Marshal(document)
	require.NoError(s.t, err)
	n, err := wire.Parse(data)
	require.NoError(s.t, err)
	after := leaves(nil, n)
	for _, is := range after {
		if was, ok := find(s.before, is.path); !ok || was.text != is.text {
			fmt.Fprintf(&s.out, "  %s: %s\n", is.path, is.text)
		}
	}
	for _, was := range s.before {
		if _, ok := find(after, was.path); !ok {
			fmt.Fprintf(&s.out, "  %s: (none)\n", was.path)
		}
	}
	s.before = after
}

// Golden compares the story with a file.
func (s *Story) Golden(path string) {
	s.t.Helper()
	Golden(s.t, path, s.out.Bytes())
}

// leaf is a member of a document that is not an object, and its text.
type leaf struct{ path, text string }

func leaves(all []leaf, n wire.Node) []leaf {
	if len(n.Members()) == 0 {
		return append(all, leaf{n.Path(), n.Raw()})
	}
	for _, member := range n.Members() {
		all = leaves(all, member)
	}
	return all
}

func find(all []leaf, path string) (leaf, bool) {
	for _, l := range all {
		if l.path == path {
			return l, true
		}
	}
	return leaf{}, false
}
