package cgscanning_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

func TestATrialIsSwitchedOffOnce(t *testing.T) {
	t.Parallel()
	const off = `{"trial_enabled":false}`
	ended := applied(t, sold(t, monthly), "2023-12-05T00:00:00Z", off)
	require.Equal(t, lifecycle.Active, ended.Status(at("2023-12-05T00:00:00Z")))
	for _, when := range []string{"2023-12-05T00:00:00Z", "2024-03-01T00:00:00Z"} {
		require.True(t, applied(t, ended, when, off).Equal(ended), when)
	}
	// Nor does it change one whose trial ended by itself, was never granted, or that is
	// cancelled; one that lies ahead cannot be switched off.
	over := sold(t, monthly)
	require.True(t, applied(t, over, "2024-03-01T00:00:00Z", off).Equal(over))
	untried := sold(t, monthly, func(p *subscription.Params) { p.TrialUsed = true })
	require.True(t, applied(t, untried, "2024-03-01T00:00:00Z", off).Equal(untried))
	cancelled := applied(t, over, "2023-12-05T00:00:00Z", `{"status":"canceled"}`)
	require.True(t, applied(t, cancelled, "2023-12-06T00:00:00Z", off).Equal(cancelled))
	_, err := shop().Apply(over, operator("2023-12-01T19:00:00Z"), org, update(t, off), feature.Assignment{})
	require.ErrorIs(t, err, cgscanning.ErrTrialFixed)
}

func TestAutoRenewalIsJudgedByWhatResults(t *testing.T) {
	t.Parallel()
	active := sold(t, monthly)
	distant := applied(t, active, "2024-01-01T00:00:00Z", `{"end_date":"2024-06-01T00:00:00Z"}`)
	ending := applied(t, active, "2024-01-01T00:00:00Z", `{"end_date":"2024-01-10T00:00:00Z"}`)
	const now = "2024-01-02T00:00:00Z" // in the term up to 2024-01-15
	for _, tc := range []struct {
		name    string
		sub     subscription.Subscription
		members string
		refused bool
		renews  bool
	}{
		{"an end in the term contradicts it, though it was true before", active, `{"end_date":"2024-01-10T00:00:00Z","auto_renewal":true}`, true, false},
		{"an end with the term does too", ending, `{"end_date":"2024-01-15T19:19:18.037Z","auto_renewal":true}`, true, false},
		{"without a word of renewal it ends", active, `{"end_date":"2024-01-10T00:00:00Z"}`, false, false},
		{"with renewal off it ends", active, `{"end_date":"2024-01-10T00:00:00Z","auto_renewal":false}`, false, false},
		{"an end in a later term does not", active, `{"end_date":"2024-03-10T00:00:00Z","auto_renewal":true}`, false, true},
		{"an end that moves out of the term does not", ending, `{"end_date":"2024-03-10T00:00:00Z","auto_renewal":true}`, false, true},
		{"an end that is cleared does not", ending, `{"end_date":null,"auto_renewal":true}`, false, true},
		{"a longer term may reach an end that was further off", distant, `{"billing_interval":"yearly","auto_renewal":true}`, true, false},
		{"an end that stands", ending, `{"auto_renewal":true}`, true, false},
		{"no interval has no term", active, `{"billing_interval":"none","end_date":"2024-01-10T00:00:00Z","auto_renewal":true}`, false, true},
	} {
		next, err := shop().Apply(tc.sub, operator(now), org, update(t, tc.members), feature.Assignment{})
		if tc.refused {
			require.ErrorIs(t, err, cgscanning.ErrContradiction, tc.name)
			require.ErrorContains(t, err, "subscription.auto_renewal: ", tc.name)
			require.True(t, next.Equal(tc.sub), tc.name)
			continue
		}
		require.NoError(t, err, tc.name)
		a, err := shop().Encode(next, at(now), wire.Lossy)
		require.NoError(t, err)
		require.Equal(t, tc.renews, a.AutoRenewal, tc.name)
	}
}

func TestAPriceAndAnIntervalAreOneChange(t *testing.T) {
	t.Parallel()
	c := operator("2024-01-01T00:00:00Z")
	c.Key = "put-1"
	sub := sold(t, monthly)
	next, err := shop().Apply(sub, c, org, update(t, `{"price":100,"billing_interval":"yearly"}`), feature.Assignment{})
	require.NoError(t, err)
	require.Equal(t, []string{"put-1", "put-1"}, []string{next.Command(2).Key, next.Command(3).Key}, "one edit: a key stands for all of it")
	require.Equal(t, "100.00", shown(t, next, "2024-01-01T00:00:00Z").Price.Text())
	// 14 of the month's 31 days are credited, and 349 of the year's 366 charged at the new
	// price: -6.47 and 95.36, on however many invoices.
	invoices, _, err := billing.Invoices(next, nil, billing.Checkpoint{}, c.At)
	require.NoError(t, err)
	total := money.FromMinor(0, money.USD)
	for _, inv := range invoices[1:] {
		total, err = total.Add(inv.Total)
		require.NoError(t, err)
	}
	require.Equal(t, "88.89 USD", total.String())

	_, err = shop().Apply(sub, c, org, update(t, `{"price":100,"billing_interval":"yearly","end_date":"2023-12-31T00:00:00Z"}`), feature.Assignment{})
	require.ErrorIs(t, err, lifecycle.ErrPast, "all or nothing")
}

func TestCanceledWithAnEndDateThatHasPassedCancels(t *testing.T) {
	t.Parallel()
	const put = `{"status":"canceled","end_date":"2023-12-31T00:00:00Z","cancellation_reason":"gone"}`
	for _, sub := range []subscription.Subscription{
		sold(t, monthly), sold(t, none), applied(t, sold(t, monthly), "2023-12-20T00:00:00Z", `{"end_date":"2024-06-01T00:00:00Z"}`),
	} {
		gone := applied(t, sub, "2024-01-01T00:00:00Z", put)
		a := shown(t, gone, "2024-01-01T00:00:00Z")
		require.Equal(t, cgscanning.Canceled, a.Status)
		require.Equal(t, "2024-01-01T00:00:00.000Z", wire.Millis.Format(a.EndDate.Time), "nothing ends before it is asked for")
		require.Equal(t, "gone", *a.CancellationReason)
		require.True(t, applied(t, gone, "2024-01-02T00:00:00Z", put).Equal(gone), "sent again it changes nothing")
	}
}

func TestADocumentReadBeforeARenewalAndSentAfterItChangesNothing(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	for _, read := range []string{"2023-12-05T00:00:00Z", "2024-01-01T00:00:00Z", "2024-01-20T00:00:00Z"} {
		before := shown(t, sub, read)
		for _, sent := range []string{"2024-01-15T19:19:18.037Z", "2024-02-20T00:00:00Z", "2024-07-01T00:00:00Z"} {
			next, err := shop().Apply(sub, subscriber(sent), org, before.Echo(), feature.Assignment{})
			require.NoError(t, err)
			require.True(t, next.Equal(sub), "read %s, sent %s", read, sent)
		}
	}
	// What was changed in it is done.
	u := shown(t, sub, "2024-01-01T00:00:00Z").Echo()
	u.Subscription.AutoRenewal = wire.Of(false)
	next, err := shop().Apply(sub, subscriber("2024-01-20T00:00:00Z"), org, u, feature.Assignment{})
	require.NoError(t, err)
	require.Equal(t, "2024-02-15T19:19:18.037Z", wire.Millis.Format(shown(t, next, "2024-01-20T00:00:00Z").EndDate.Time))
	// An end date that was never shown is in the past.
	_, err = shop().Apply(sub, operator("2024-01-20T00:00:00Z"), org, update(t, `{"end_date":"2024-01-14T00:00:00Z"}`), feature.Assignment{})
	require.ErrorIs(t, err, lifecycle.ErrPast)
}
