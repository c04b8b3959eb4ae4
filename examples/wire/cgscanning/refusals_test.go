package cgscanning_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAnUpdateIsRefusedWithTheReasonAndTheMember(t *testing.T) {
	t.Parallel()
	trial, running := "2023-12-05T00:00:00Z", "2024-01-01T00:00:00Z"
	for _, tc := range []struct {
		name, when, members, path string
		actor                     lifecycle.Actor
		want                      error
	}{
		{"only an operator holds", running, `{"status":"inactive"}`, "subscription.status", lifecycle.Subscriber, lifecycle.ErrNotPermitted},
		{"an end date in the past", running, `{"end_date":"2023-12-31T00:00:00Z"}`, "subscription.end_date", lifecycle.Operator, lifecycle.ErrPast},
		{"a trial that is over", running, `{"trial_duration_days":20}`, "subscription.trial_duration_days", lifecycle.Operator, cgscanning.ErrTrialFixed},
		{"a trial that would be over", trial, `{"trial_duration_days":1}`, "subscription.trial_duration_days", lifecycle.Operator, lifecycle.ErrPast},
		{"a feature that the plan lacks", running, `{"features":{"ai_remediator":{"active":true}}}`, "subscription.features", lifecycle.Operator, feature.ErrUnknown},
		{"a limit below zero", running, `{"features":{"number_of_ips":{"limit":-1}}}`, "subscription.features", lifecycle.Operator, feature.ErrInvalidLimit},
		{"a limit below what is in use", running, `{"features":{"number_of_ips":{"limit":1}}}`, "subscription.features", lifecycle.Operator, feature.ErrQuotaBelowUsage},
		{"a unit that is none", running, `{"features":{"rescan":{"unit":"fortnight"}}}`, "subscription.features.rescan.unit", lifecycle.Operator, nil},
	} {
		sub := sold(t, monthly)
		facts := feature.Assignment{InUse: map[feature.Key]decimal.Decimal{cgscanning.NumberOfIPs: decimal.NewFromInt(2)}}
		next, err := shop().Apply(sub, call(tc.actor, tc.when), org, update(t, tc.members), facts)
		require.Error(t, err, tc.name)
		if tc.want != nil {
			require.ErrorIs(t, err, tc.want, tc.name)
		}
		var member *cgscanning.MemberError
		require.ErrorAs(t, err, &member, tc.name)
		require.Equal(t, tc.path, member.Path, tc.name)
		require.True(t, next.Equal(sub), tc.name)
	}
}

func TestAllMembersAtFaultAreReportedAndNothingIsDone(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	next, err := shop().Apply(sub, subscriber("2024-01-01T00:00:00Z"), org,
		update(t, `{"price":20,"trial_duration_days":20,"end_date":"2023-12-31T00:00:00Z","status":"inactive"}`), feature.Assignment{})
	require.True(t, next.Equal(sub))
	text := err.Error()
	for _, path := range []string{"subscription.trial_duration_days: ", "subscription.end_date: ", "subscription.status: "} {
		require.Contains(t, text, path)
	}
	require.NotContains(t, text, "subscription.price")
	require.Equal(t, 3, len(strings.Split(text, "\n")))
}

func TestADocumentIsRefusedWithEveryFault(t *testing.T) {
	t.Parallel()
	_, err := cgscanning.DecodeUpdate([]byte(`{"subscription":{"status":"paused","price":1e2,"billing_interval":"weekly","colour":1,"auto_renewal":"yes"}}`))
	require.ErrorIs(t, err, wire.ErrMalformed)
	require.EqualError(t, err, strings.Join([]string{
		`subscription.status: must be active, inactive or canceled, not "paused"`,
		`subscription.price: must be a number, or a string that holds one, without an exponent`,
		`subscription.billing_interval: must be none, monthly or yearly, not "weekly"`,
		`subscription.colour: unknown field`,
		`subscription.auto_renewal: must be true or false`,
	}, "\n"))
	_, err = cgscanning.DecodeUpdate([]byte(`{"subscription":{"status":null,"price":-1,"trial_duration_days":-1}}`))
	require.EqualError(t, err, "subscription.status: must not be null\nsubscription.price: must not be negative\nsubscription.trial_duration_days: must not be negative")
}

func TestAnotherOrganizationFindsNothing(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	call := operator("2024-01-01T00:00:00Z")
	_, err := shop().Apply(sub, call, "other", update(t, `{}`), feature.Assignment{})
	require.ErrorIs(t, err, cgscanning.ErrNotFound)
	_, err = shop().Show(subscription.Set{sub}, "other", "s-1", call.At)
	require.ErrorIs(t, err, cgscanning.ErrNotFound)
	_, err = shop().AssignFeatures(sub, call, "other", cgscanning.Features{}, feature.Assignment{})
	require.ErrorIs(t, err, cgscanning.ErrNotFound)
	_, err = shop().RevokeFeatures(sub, call, "other", feature.Assignment{}, "rescan")
	require.ErrorIs(t, err, cgscanning.ErrNotFound)
}

func TestFeaturesAreAssignedAndRevokedByName(t *testing.T) {
	t.Parallel()
	sub := sold(t, monthly)
	call := operator("2024-01-01T00:00:00Z")
	number := int64(10)
	given, err := shop().AssignFeatures(sub, call, org, cgscanning.Features{Rescan: &cgscanning.Rescans{Number: &number}, NumberOfIPs: &cgscanning.Stock{Limit: &number}}, feature.Assignment{})
	require.NoError(t, err)
	shown, err := shop().Encode(given, call.At, wire.Strict)
	require.NoError(t, err)
	require.Equal(t, int64(10), *shown.Features.Rescan.Number)
	back, err := shop().RevokeFeatures(given, call, org, feature.Assignment{}, "rescan, number_of_ips")
	require.NoError(t, err)
	shown, err = shop().Encode(back, call.At, wire.Strict)
	require.NoError(t, err)
	require.Equal(t, int64(3), *shown.Features.Rescan.Number)
	require.Equal(t, int64(5), *shown.Features.NumberOfIPs.Limit)
	_, err = shop().RevokeFeatures(back, call, org, feature.Assignment{}, "rescan")
	require.ErrorIs(t, err, feature.ErrNotAssigned)
	_, err = shop().RevokeFeatures(back, call, org, feature.Assignment{}, "colour")
	require.ErrorIs(t, err, feature.ErrUnknown)
}

func TestListsAndDependents(t *testing.T) {
	t.Parallel()
	start := at("2024-01-01T00:00:00Z")
	order := func(id, organization, parent string, i cgscanning.Interval) cgscanning.Order {
		return cgscanning.Order{ID: id, Organization: organization, Product: "pci", Interval: i, AutoRenewal: true, NoTrial: true, Parent: parent}
	}
	set, skipped, err := shop().Subscribe(nil, start, feature.Assignment{},
		order("a", org, "", cgscanning.Monthly), order("b", org, "", cgscanning.Yearly), order("c", "child", "a", cgscanning.Monthly), order("d", "grandchild", "c", cgscanning.None))
	require.NoError(t, err)
	require.Len(t, skipped, 1)
	require.ErrorIs(t, skipped[0].Err, subscription.ErrDuplicateActive)
	_, _, err = shop().Subscribe(set, start, feature.Assignment{}, cgscanning.Order{ID: "x", Organization: "y", Product: "tea", Interval: cgscanning.Monthly})
	require.ErrorIs(t, err, cgscanning.ErrUnknownPlan)

	ids := func(list cgscanning.List, err error) string {
		require.NoError(t, err)
		var all []string
		for _, item := range list.Data {
			all = append(all, item.ID)
		}
		return strings.Join(all, " ")
	}
	later := start.Add(48 * 3600e9)
	require.Equal(t, "c d", ids(shop().Dependents(set, "a", later)))
	call := subscription.Call{At: later, Actor: lifecycle.Subscriber}
	_, err = shop().Unsubscribe(set, call, org, "pci")
	require.ErrorIs(t, err, lifecycle.ErrHasDependents)
	call.Cascade = true
	after, err := shop().Unsubscribe(set, call, org, "pci")
	require.NoError(t, err)
	require.Equal(t, "a", ids(shop().All(after, org, later)))
	require.Equal(t, "", ids(shop().ActiveOnes(after, org, later)))
	require.Equal(t, "a", ids(shop().ActiveOnes(set, org, later)))
	require.Equal(t, "a c d", ids(shop().History(after, later, cgscanning.Query{Q: "PCI"})))
	require.Equal(t, "d", ids(shop().History(after, later, cgscanning.Query{Page: 2, PerPage: 2})))
	require.Equal(t, "", ids(shop().History(after, later, cgscanning.Query{Page: 99, PerPage: 2})))
	require.Equal(t, "", ids(shop().History(after, later, cgscanning.Query{Q: "tea"})))
	_, err = shop().Unsubscribe(after, call, org, "pci")
	require.ErrorIs(t, err, cgscanning.ErrNotSubscribed)
	list, err := shop().All(after, org, later)
	require.NoError(t, err)
	require.Nil(t, list.Data[0].Attributes.Features)
	require.Equal(t, cgscanning.Canceled, list.Data[0].Attributes.Status)
}

func TestEveryStatusHasItsWords(t *testing.T) {
	t.Parallel()
	trial, running := "2023-12-05T00:00:00Z", "2024-01-01T00:00:00Z"
	op := func(when string) subscription.Call { return operator(when) }
	must := func(s subscription.Subscription, err error) subscription.Subscription {
		require.NoError(t, err)
		return s
	}
	base := sold(t, monthly)
	for _, tc := range []struct {
		name, when string
		sub        subscription.Subscription
		status     cgscanning.Status
		renews     bool
		end        string
		want       lifecycle.Status
	}{
		{"future", "2023-12-01T19:00:00Z", base, cgscanning.Inactive, true, "2024-01-15T19:19:18.037Z", lifecycle.Future},
		{"in trial", trial, base, cgscanning.Active, true, "2024-01-15T19:19:18.037Z", lifecycle.InTrial},
		{"in trial and held", trial, must(base.Hold(op(trial))), cgscanning.Inactive, true, "", lifecycle.InTrial},
		{"active", running, base, cgscanning.Active, true, "2024-01-15T19:19:18.037Z", lifecycle.Active},
		{"active, a pause scheduled", running, must(base.Pause(op(running), subscription.AtPeriodEnd(), subscription.Pause{})), cgscanning.Active, true, "2024-01-15T19:19:18.037Z", lifecycle.Active},
		{"non-renewing by cancel", running, must(base.Cancel(op(running), subscription.AtPeriodEnd())), cgscanning.Active, false, "2024-01-15T19:19:18.037Z", lifecycle.NonRenewing},
		{"non-renewing by renewal off", running, must(base.SetAutoRenewal(op(running), false)), cgscanning.Active, false, "2024-01-15T19:19:18.037Z", lifecycle.NonRenewing},
		{"paused", running, must(base.Pause(op(running), subscription.Immediately(), subscription.Pause{})), cgscanning.Inactive, true, "2024-01-15T19:19:18.037Z", lifecycle.Paused},
		{"held", running, must(base.Hold(op(running))), cgscanning.Inactive, true, "2024-01-15T19:19:18.037Z", lifecycle.Paused},
		{"cancelled", running, must(base.Cancel(op(running), subscription.Immediately())), cgscanning.Canceled, true, "2024-01-01T00:00:00.000Z", lifecycle.Cancelled},
		{"closed", running, must(base.Close(op(running))), cgscanning.Inactive, true, "2024-01-01T00:00:00.000Z", lifecycle.Cancelled},
	} {
		a, err := shop().Encode(tc.sub, at(tc.when), wire.Lossy)
		require.NoError(t, err, tc.name)
		require.Equal(t, tc.status, a.Status, tc.name)
		require.Equal(t, tc.renews, a.AutoRenewal, tc.name)
		if tc.end == "" {
			require.Nil(t, a.EndDate, tc.name)
		} else {
			require.Equal(t, tc.end, wire.Millis.Format(a.EndDate.Time), tc.name)
		}
		read, err := shop().Read(a, at(tc.when))
		require.NoError(t, err, tc.name)
		require.Equal(t, tc.want, read.Status, tc.name)
		require.Equal(t, tc.name == "closed", read.Closed, tc.name)
		require.Equal(t, tc.name == "in trial and held", read.Held, tc.name)
	}
}

func TestStrictRefusesWhatLossyRounds(t *testing.T) {
	t.Parallel()
	start := at("2023-12-01T19:19:18.037Z")
	for _, tc := range []struct {
		name, field string
		sub         subscription.Subscription
	}{
		{"a week", "billing_interval", sold(t, compiled("weekly", calendar.Weeks(1), "5", 0))},
		{"an instant between milliseconds", "start_date", sold(t, monthly, func(p *subscription.Params) { p.Start = p.Start.Add(time.Microsecond) })},
		{"a trial of a day and a half", "trial_duration_days", func() subscription.Subscription {
			sub, err := sold(t, monthly).EndTrial(subscription.Call{At: start.Add(36 * 3600e9), Actor: lifecycle.Operator})
			require.NoError(t, err)
			return sub
		}()},
	} {
		now := start.Add(40 * 3600e9)
		_, err := shop().Encode(tc.sub, now, wire.Strict)
		require.ErrorIs(t, err, wire.ErrNotRepresentable, tc.name)
		var said *wire.NotRepresentableError
		require.ErrorAs(t, err, &said)
		require.Equal(t, tc.field, said.Field, tc.name)
		_, err = shop().Encode(tc.sub, now, wire.Lossy)
		require.NoError(t, err, tc.name)
		_, err = shop().Encode(tc.sub, now, "")
		require.Error(t, err)
	}
}
