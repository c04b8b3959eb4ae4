package billing_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// These values were stored by services: they never change.
func TestIDsAreTheOnesThatWereStored(t *testing.T) {
	t.Parallel()
	jan, feb := date("2026-01-31 09:00"), date("2026-02-28 09:00")
	require.Equal(t, "5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93", billing.Namespace().String())
	for _, row := range []struct {
		want string
		line billing.Line
	}{
		{"81fad6cc-3a42-555f-9244-7c0e52582a90", billing.Line{Kind: billing.ChargeLine, Charge: "base", From: jan, To: feb}},
		{"6f2cd2c9-2d9a-5ce3-8a89-73b7e2a4191f", billing.Line{Kind: billing.ChargeLine, Charge: "base", From: jan, To: feb, Command: 7}},
		{"b4e0f9f7-596a-533f-99be-f1033da52667", billing.Line{Kind: billing.UsageLine, Charge: "calls", From: jan, To: feb}},
		{"ecf32c10-bf56-545f-ade3-111046b9c312", billing.Line{Kind: billing.OneOffLine, Charge: "setup", From: jan.Add(1), Command: 2}},
		{"1c630388-e606-5395-b2c1-28c9af5d0c81", billing.Line{
			Kind: billing.CreditLine, Charge: "base", From: jan.AddDate(0, 0, 9), To: feb, Command: 3,
			Of: billing.LineRef{Kind: billing.ChargeLine, Charge: "base", From: jan, To: feb},
		}},
		{"1cb1574b-ef76-5237-bbf3-c262b8b3e1fe", billing.Line{
			Kind: billing.DiscountLine, Charge: "loyal", From: jan, To: feb, Command: 2,
			Of: billing.LineRef{Kind: billing.ChargeLine, Charge: "base", From: jan, To: feb},
		}},
		{"30ff7a0d-a873-5352-bf0f-9b3c56192bbe", billing.Line{Kind: billing.TaxLine, Charge: "vat", From: jan}},
		{"eedda219-db3f-5760-a7ba-97428da1ed29", billing.Line{Kind: billing.ChargeLine, Charge: strings.Repeat("long ", 51), From: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), To: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)}},
	} {
		require.Equal(t, row.want, row.line.ID("sub-1", calendar.UTC()).String())
		require.Equal(t, byTheDocs("sub-1", row.line), row.line.ID("sub-1", calendar.UTC()))
		elsewhere := row.line
		elsewhere.From = elsewhere.From.In(time.FixedZone("", 3600))
		require.Equal(t, row.line.ID("sub-1", calendar.UTC()), elsewhere.ID("sub-1", calendar.UTC()), "an instant is one instant in every zone")
		require.NotEqual(t, row.line.ID("sub-1", calendar.UTC()), row.line.ID("sub-2", calendar.UTC()))
	}
	inv := billing.Invoice{Subscription: "sub-1", At: jan}
	require.Equal(t, "e30d0fe6-ad16-5b1a-8c42-450c14aa27bf", inv.ID().String())
	inv.Command = 3
	require.Equal(t, "9cd7b350-aa8c-566b-95a6-9f85ce31dba7", inv.ID().String())
	require.Equal(t, name(text("sub-1"), text("invoice"), instant(jan), number(3)), inv.ID())
}

// byTheDocs makes the id of a line as its documentation says, with the usual package.
func byTheDocs(sub string, l billing.Line) uuid.UUID {
	one := func(kind billing.LineKind, charge string, from, to time.Time, command int) []byte {
		return join(text(string(kind)), text(charge), instant(from), instant(to), number(command))
	}
	all := join(text(sub), one(l.Kind, l.Charge, l.From, l.To, l.Command))
	if l.Of != (billing.LineRef{}) {
		all = join(all, one(l.Of.Kind, l.Of.Charge, l.Of.From, l.Of.To, l.Of.Command))
	}
	return name(all)
}

func name(parts ...[]byte) uuid.UUID { return uuid.NewSHA1(billing.Namespace(), join(parts...)) }

func join(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func text(s string) []byte { return append(binary.AppendUvarint(nil, uint64(len(s))), s...) }

func number(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func instant(t time.Time) []byte {
	if t.IsZero() {
		return []byte{0}
	}
	return binary.BigEndian.AppendUint64([]byte{1}, uint64(t.UnixMicro()))
}

// wall is a boundary, or a civil midnight, as an id has it.
func wall(clock string) []byte {
	return binary.BigEndian.AppendUint64([]byte{2}, uint64(date(clock).UnixMicro()))
}

// Boundaries and civil midnights enter ids by the wall clock of the zone, instants that
// were given as UTC.
func TestIDsNameBoundariesByTheWallClock(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{
		ID: "sub-1", Start: date("2026-01-15 17:30"), Zone: calendar.MustLoadZone("America/Vancouver"),
		Plan: plan.MustCompile(plan.Plan{
			ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1),
			Charges: []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: num("31")}}},
		}),
	})
	require.NoError(t, err)
	sub, err = sub.ChangeQuantity(operator(date("2026-03-20 20:00")), subscription.Immediately(), "", num("2"))
	require.NoError(t, err)
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-03-20 20:00"))
	require.NoError(t, err)
	require.Len(t, made, 4)
	seat := func(kind string, from, to []byte, command int) []byte {
		return join(text(kind), text("seats"), from, to, number(command))
	}
	first, march := made[0], made[2]
	require.Equal(t, name(text("sub-1"), seat("charge", instant(date("2026-01-15 17:30")), wall("2026-02-15 09:30"), 1)), first.LineID(0))
	require.Equal(t, date("2026-03-15 16:30"), march.At.UTC(), "the clocks had been set forward")
	require.Equal(t, name(text("sub-1"), text("invoice"), wall("2026-03-15 09:30"), number(0)), march.ID())
	whole := seat("charge", wall("2026-03-15 09:30"), wall("2026-04-15 09:30"), 0)
	require.Equal(t, name(text("sub-1"), whole), march.LineID(0))
	change := made[3]
	require.Equal(t, name(text("sub-1"), text("invoice"), instant(date("2026-03-20 20:00")), number(2)), change.ID())
	require.Equal(t, name(text("sub-1"), seat("credit", wall("2026-03-20"), wall("2026-04-15 09:30"), 2), whole), change.LineID(0))
}

// seats sells seats by the month from 1 January 2026.
func seats(t *testing.T, policy plan.Policy) subscription.Subscription {
	t.Helper()
	sub, err := subscription.New(subscription.Params{
		ID: "sub-1", Start: date("2026-01-01"), Quantity: subscription.Units(10),
		Plan: plan.MustCompile(plan.Plan{
			ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy,
			Charges: []plan.Charge{{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: num("31")}}},
		}),
	})
	require.NoError(t, err)
	return sub
}

func TestTwoEqualChangesOnOneDayHaveDifferentIDs(t *testing.T) {
	t.Parallel()
	sub := seats(t, plan.Policy{})
	var err error
	for i, n := range []string{"11", "10", "11", "10"} {
		sub, err = sub.ChangeQuantity(operator(date("2026-01-11 10:00").Add(time.Duration(i)*time.Hour)), subscription.Immediately(), "", num(n))
		require.NoError(t, err)
	}
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-12"))
	require.NoError(t, err)
	require.Len(t, made, 5)
	require.Equal(t, made[1].Total, made[3].Total)
	distinct(t, made)
}

func TestALineInAdvanceAndOneInArrearsForTheSameSpanHaveDifferentIDs(t *testing.T) {
	t.Parallel()
	for name, actions := range map[string][]taleAction{
		"a change on the boundary, after its renewal": {
			{At: "2026-04-01", Do: "change_plan", To: "q", Effective: "now"},
		},
		"with a plan between them that does not have the charge": {
			{At: "2026-04-01", Do: "change_plan", To: "r", Effective: "now"}, {At: "2026-04-01", Do: "change_plan", To: "q", Effective: "now"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := replayed(t, tale{
				Plans: []talePlan{rulePlan(t, "p month: fee 30"), rulePlan(t, "q month: fee 30 arrears"), rulePlan(t, "r month: other 0")},
				Sub:   taleSub{Plan: "p", Start: "2026-03-01"}, Actions: actions, Until: "2026-05-01",
			})
			made, checkpoint, err := billing.Invoices(p.sub, nil, billing.Checkpoint{}, date("2026-05-01"))
			require.NoError(t, err)
			require.Equal(t, []string{
				"03-01: 03-01>04-01 30.00", "04-01: 04-01>05-01 30.00", "04-01: 04-01>05-01 -30.00",
				"05-01: 04-01>05-01 30.00 applied 30.00 due 0.00",
			}, ruleShow(p.s, made))
			distinct(t, made)
			diff, err := billing.Reconcile(p.sub, nil, stored(made), checkpoint, date("2026-05-01"))
			require.NoError(t, err)
			require.True(t, diff.IsEmpty(), written(diff))
			diff, err = billing.Reconcile(p.sub, nil, stored(made[:3]), checkpoint, date("2026-05-01"))
			require.NoError(t, err)
			require.Equal(t, "30.00 USD", diff.Total.String(), "the line in arrears is missing")
		})
	}
}

// distinct fails unless no two invoices and no two lines have one id.
func distinct(t require.TestingT, made []billing.Invoice) {
	seen := map[uuid.UUID]string{}
	for _, inv := range made {
		require.Empty(t, seen[inv.ID()])
		seen[inv.ID()] = "invoice"
		for i, line := range inv.Lines {
			require.Empty(t, seen[inv.LineID(i)], "%+v", line)
			seen[inv.LineID(i)] = string(line.Kind)
		}
	}
}

func TestACorrectionChangesNoOtherID(t *testing.T) {
	t.Parallel()
	sub := seats(t, plan.Policy{})
	var err error
	for _, row := range []struct{ at, quantity string }{{"2026-02-10", "12"}, {"2026-03-10", "14"}} {
		sub, err = sub.ChangeQuantity(operator(date(row.at)), subscription.Immediately(), "", num(row.quantity))
		require.NoError(t, err)
	}
	before, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-04-01"))
	require.NoError(t, err)

	call := operator(date("2026-01-11"))
	call.Correction = true
	sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "", num("11"))
	require.NoError(t, err)
	after, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-04-01"))
	require.NoError(t, err)

	ids := map[uuid.UUID]bool{}
	for _, inv := range after {
		ids[inv.ID()] = true
		for i := range inv.Lines {
			ids[inv.LineID(i)] = true
		}
	}
	for _, inv := range before {
		require.True(t, ids[inv.ID()])
		for i := range inv.Lines {
			require.True(t, ids[inv.LineID(i)])
		}
	}
	require.Len(t, after, len(before)+1)
}

func TestAllIDsOfAStoryAreDifferent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, 8)
		made, _, err := billing.Invoices(s.sub, s.still(s.sub, s.now), billing.Checkpoint{}, s.now, drawOptions(t)...)
		require.NoError(t, err)
		distinct(t, made)
		for _, inv := range made {
			sum := money.FromMinor(0, money.EUR)
			for _, line := range inv.Lines {
				var err error
				sum, err = sum.Add(line.Amount)
				require.NoError(t, err)
			}
			require.Equal(t, sum, inv.Total)
		}
	})
}

func TestAllIDsOfARandomStoryAreDifferent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		made, _ := anyTale(t).bills(t)
		distinct(t, made)
	})
}

func TestIDsOfUsualLengthAllocateNothing(t *testing.T) {
	inv := billing.Invoice{Subscription: "0198c0de-0000-7000-8000-000000000001", At: date("2026-03-01"), Lines: []billing.Line{{
		Kind: billing.CreditLine, Charge: "additional-seats", From: date("2026-03-01"), To: date("2026-04-01"), Command: 12,
		Of: billing.LineRef{Kind: billing.ChargeLine, Charge: "additional-seats", From: date("2026-03-01"), To: date("2026-04-01"), Command: 12},
	}}}
	var id uuid.UUID
	require.Zero(t, testing.AllocsPerRun(100, func() {
		id = inv.ID()
		id = inv.LineID(0)
	}))
	require.NotEqual(t, uuid.Nil, id)
}

func BenchmarkLineID(b *testing.B) {
	line := billing.Line{Kind: billing.ChargeLine, Charge: "seats", From: date("2026-03-01"), To: date("2026-04-01")}
	b.ReportAllocs()
	for b.Loop() {
		line.ID("0198c0de-0000-7000-8000-000000000001", calendar.UTC())
	}
}
