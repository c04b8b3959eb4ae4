package cgscanning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// The tests of this file are named after the places where the pages contradict
// themselves or each other; the numbers are those of the list of contradictions.

func applied(t *testing.T, sub subscription.Subscription, when, members string) subscription.Subscription {
	next, err := shop().Apply(sub, operator(when), org, update(t, members), feature.Assignment{})
	require.NoError(t, err)
	return next
}

func shown(t *testing.T, sub subscription.Subscription, when string) cgscanning.Attributes {
	a, err := shop().Encode(sub, at(when), wire.Strict)
	require.NoError(t, err)
	return a
}

func TestContradiction1APriceIsAnExactDecimalInEitherForm(t *testing.T) {
	t.Parallel()
	for _, members := range []string{`{"price":19.99}`, `{"price":"19.99"}`, `{"price":19.990}`} {
		next := applied(t, sold(t, monthly), "2024-01-01T00:00:00Z", members)
		a := shown(t, next, "2024-01-01T00:00:00Z")
		require.Equal(t, "19.99", a.Price.Text())
	}
}

func TestContradiction2NoIntervalMeansNoTermsWhateverRenewalSays(t *testing.T) {
	t.Parallel()
	sub := sold(t, none, func(p *subscription.Params) { p.TrialUsed = true })
	far := "2029-01-01T00:00:00Z"
	require.Equal(t, lifecycle.Active, sub.Status(at(far)))
	require.Nil(t, shown(t, sub, far).EndDate)
	off := applied(t, sub, "2024-01-01T00:00:00Z", `{"auto_renewal":false}`)
	require.Equal(t, lifecycle.NonRenewing, off.Status(at(far)))
	ending := applied(t, sub, "2024-01-01T00:00:00Z", `{"end_date":"2025-01-01T00:00:00Z"}`)
	require.Equal(t, lifecycle.Active, ending.Status(at("2024-12-31T23:59:59Z")))
	require.Equal(t, lifecycle.Cancelled, ending.Status(at("2025-01-01T00:00:00Z")))
}

func TestContradiction3AnEndDateIsTheTermsUntilOneIsSet(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	for when, end := range map[string]string{"2024-01-01T00:00:00Z": "2024-01-15T19:19:18.037Z", "2024-05-20T00:00:00Z": "2024-06-15T19:19:18.037Z"} {
		require.Equal(t, end, wire.Millis.Format(shown(t, sub, when).EndDate.Time))
	}
	custom := applied(t, sub, "2024-01-01T00:00:00Z", `{"end_date":"2024-03-20T00:00:00Z"}`)
	require.Equal(t, "2024-03-20T00:00:00.000Z", wire.Millis.Format(shown(t, custom, "2024-01-01T00:00:00Z").EndDate.Time))
	require.Equal(t, lifecycle.NonRenewing, custom.Status(at("2024-03-19T00:00:00Z")))
	cleared := applied(t, custom, "2024-02-01T00:00:00Z", `{"end_date":null}`)
	require.Equal(t, "2024-02-15T19:19:18.037Z", wire.Millis.Format(shown(t, cleared, "2024-02-01T00:00:00Z").EndDate.Time))
}

func TestContradiction4TheTrialComesFirstAndDaysWithoutATrialMeanNothing(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	require.Equal(t, "2024-01-15T19:19:18.037Z", wire.Millis.Format(shown(t, sub, "2023-12-02T00:00:00Z").EndDate.Time))
	a := shown(t, sold(t, monthly, func(p *subscription.Params) { p.TrialUsed = true }), "2023-12-02T00:00:00Z")
	require.False(t, a.TrialEnabled)
	a.TrialDurationDays = 7
	adopted, err := shop().Adopt(a, org, at("2023-12-02T00:00:00Z"))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Active, adopted.Status(at("2023-12-02T00:00:00Z")))
	require.Equal(t, a, shown(t, adopted, "2023-12-02T00:00:00Z"))
	longer := applied(t, adopted, "2023-12-02T00:00:00Z", `{"trial_duration_days":9}`)
	require.Equal(t, 9, shown(t, longer, "2023-12-02T00:00:00Z").TrialDurationDays)
	require.Equal(t, lifecycle.Active, longer.Status(at("2023-12-02T00:00:00Z")))
}

func TestContradiction5CanceledIsACancelNowAndAReasonAloneIsNone(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	reason := applied(t, sub, "2024-01-01T00:00:00Z", `{"cancellation_reason":"too dear"}`)
	require.Equal(t, lifecycle.Active, reason.Status(at("2024-01-01T00:00:00Z")))
	require.Equal(t, "too dear", *shown(t, reason, "2024-01-01T00:00:00Z").CancellationReason)
	put := applied(t, reason, "2024-01-02T00:00:00Z", `{"status":"canceled"}`)
	set, err := shop().Unsubscribe(subscription.Set{reason}, operator("2024-01-02T00:00:00Z"), org, "pci")
	require.NoError(t, err)
	require.True(t, put.Equal(set[0]))
	require.Equal(t, "too dear", *shown(t, put, "2024-01-02T00:00:00Z").CancellationReason)
	back := applied(t, put, "2024-01-03T00:00:00Z", `{"status":"active"}`)
	require.Equal(t, lifecycle.Active, back.Status(at("2024-01-03T00:00:00Z")))
}

func TestContradiction6AnUpdateIsAPatch(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	require.True(t, applied(t, sub, "2024-01-01T00:00:00Z", `{}`).Equal(sub))
	for _, member := range []string{"status", "price", "trial_enabled", "trial_duration_days", "auto_renewal", "billing_interval", "features"} {
		_, err := cgscanning.DecodeUpdate([]byte(`{"subscription":{"` + member + `":null}}`))
		require.ErrorIs(t, err, wire.ErrMalformed)
	}
	for _, member := range []string{"end_date", "cancellation_reason"} {
		require.True(t, applied(t, sold(t, none, func(p *subscription.Params) { p.TrialUsed = true }), "2024-01-01T00:00:00Z", `{"`+member+`":null}`).Version() == 1)
	}
}

func TestContradiction7FeaturesMergeAndARequiredOneFallsBackToThePlan(t *testing.T) {
	t.Parallel()
	sub := applied(t, sold(t, monthly), "2024-01-01T00:00:00Z", `{"features":{"rescan":{"num_of_rescans":10},"number_of_ips":{"limit":50}}}`)
	a := shown(t, sub, "2024-01-01T00:00:00Z")
	require.Equal(t, int64(10), *a.Features.Rescan.Number)
	require.Equal(t, "day", *a.Features.Rescan.Unit)
	call := operator("2024-01-02T00:00:00Z")
	sub, err := shop().RevokeFeatures(sub, call, org, feature.Assignment{}, "number_of_ips")
	require.NoError(t, err)
	require.Equal(t, int64(5), *shown(t, sub, "2024-01-02T00:00:00Z").Features.NumberOfIPs.Limit)

	bare := sold(t, barePlan())
	ten := int64(10)
	bare, err = shop().AssignFeatures(bare, call, org, cgscanning.Features{NumberOfIPs: &cgscanning.Stock{Limit: &ten}}, feature.Assignment{Open: true})
	require.NoError(t, err)
	_, err = shop().RevokeFeatures(bare, call, org, feature.Assignment{Open: true}, "number_of_ips")
	require.ErrorIs(t, err, feature.ErrRequired)
}

func TestContradiction8RescansAreCountedByTheCalendarDay(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	e, err := sub.Entitlement(cgscanning.Rescan, at("2024-01-01T12:00:00Z"))
	require.NoError(t, err)
	window, err := e.Window(at("2024-01-01T12:00:00Z"))
	require.NoError(t, err)
	require.Equal(t, 24*time.Hour, window.End.Sub(window.Start))
	require.Equal(t, at("2024-01-01T00:00:00Z"), window.Start)
}

func TestContradiction9ATermMayHaveNoLengthAndIdsMustMatch(t *testing.T) {
	t.Parallel()
	list, err := cgscanning.DecodeList(wiretest.File(t, "testdata/history.json"))
	require.NoError(t, err)
	require.Equal(t, list.Data[0].Attributes.StartDate, *list.Data[0].Attributes.EndDate)
	list.Data[0].ID = "another"
	data, err := cgscanning.Marshal(list)
	require.NoError(t, err)
	_, err = cgscanning.DecodeList(data)
	require.EqualError(t, err, "data[0].attributes.id: must be the id of the item")
	// "History" is a list of records; what was done to one is a list of its own.
	sub := applied(t, sold(t, monthly), "2024-01-02T00:00:00Z", `{"status":"canceled"}`)
	require.Len(t, cgscanning.Events(sub), 2)
}

func TestContradiction10BothSpellingsAreRead(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"canceled", "cancelled", "Canceled"} {
		next := applied(t, sold(t, monthly), "2024-01-02T00:00:00Z", `{"status":"`+word+`"}`)
		require.Equal(t, cgscanning.Canceled, shown(t, next, "2024-01-02T00:00:00Z").Status)
	}
}

func TestContradiction33AnUpdateActsAtOnce(t *testing.T) {
	t.Parallel()
	sub := applied(t, sold(t, monthly), "2024-01-01T00:00:00Z", `{"billing_interval":"yearly"}`)
	a := shown(t, sub, "2024-01-01T00:00:00Z")
	require.Equal(t, cgscanning.Yearly, a.Interval)
	require.Equal(t, "143.30", a.Price.Text())
	// A price alone holds from the next term on: the one that runs is billed.
	sub = applied(t, sold(t, monthly), "2024-01-01T00:00:00Z", `{"price":20}`)
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at("2024-02-01T00:00:00Z"))
	require.NoError(t, err)
	require.Len(t, invoices, 2)
	require.Equal(t, "14.33 USD", invoices[0].Total.String())
	require.Equal(t, "20.00 USD", invoices[1].Total.String())
}

func TestTheDaysOfATrialAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	s := shop()
	s.Zone = calendar.MustLoadZone("America/New_York")
	sub := sold(t, monthly, func(p *subscription.Params) {
		p.Zone, p.Start, p.At = s.Zone, at("2026-03-01T15:00:00Z"), at("2026-03-01T15:00:00Z")
	})
	now := at("2026-03-10T00:00:00Z") // clocks went forward on the 8th
	a, err := s.Encode(sub, now, wire.Strict)
	require.NoError(t, err)
	require.Equal(t, 14, a.TrialDurationDays)
	read, err := s.Read(a, now)
	require.NoError(t, err)
	require.Equal(t, at("2026-03-15T14:00:00Z"), read.TrialEnd)
	_, err = shop().Encode(sub, now, wire.Strict)
	require.ErrorIs(t, err, wire.ErrNotRepresentable)
}
