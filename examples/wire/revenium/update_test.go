package revenium_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

const now = "2026-01-20T00:00:00Z"

// other is another product to change to.
func other() revenium.Product {
	p := metered()
	p.ID, p.Charge = "metered-plus", dec("99.99")
	return p
}

func do(t *testing.T, sub subscription.Subscription, err error) subscription.Subscription {
	t.Helper()
	require.NoError(t, err)
	return sub
}

func TestWhatDiffersIsDone(t *testing.T) {
	t.Parallel()
	active := sold(t, metered(), "2026-01-15T10:00:00Z")
	trial := metered()
	trial.Trial = calendar.Days(14)
	inTrial := sold(t, trial, "2026-01-15T10:00:00Z")
	future, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: version(t, trial), At: at("2026-01-10T00:00:00Z"), Start: at("2026-02-01T00:00:00Z")})
	require.NoError(t, err)
	ending, err := active.Cancel(operator(now), subscription.AtPeriodEnd())
	ending = do(t, ending, err)
	allEndings, err := ending.SetAutoRenewal(operator(now), false)
	allEndings = do(t, allEndings, err)
	allEndings, err = allEndings.SetEndDate(operator(now), at("2026-02-01T00:00:00Z"))
	allEndings = do(t, allEndings, err)
	gone, err := active.Cancel(operator(now), subscription.Immediately())
	gone = do(t, gone, err)
	dear, err := active.ChangePrice(operator(now), subscription.Immediately(), revenium.Recurring, plan.FlatFee{Amount: dec("60")})
	dear = do(t, dear, err)
	for _, tc := range []struct {
		name   string
		sub    subscription.Subscription
		change map[string]any
		want   map[string]any // members of the document after it
		status lifecycle.Status
	}{
		{"expire now", active, map[string]any{"expiration": now}, map[string]any{"expiration": now}, lifecycle.Cancelled},
		{"expire in the past", active, map[string]any{"expiration": "2026-01-19T00:00:00Z"}, map[string]any{"expiration": now}, lifecycle.Cancelled},
		{"expire in the period", active, map[string]any{"expiration": "2026-02-01T00:00:00Z"}, map[string]any{"expiration": "2026-02-01T00:00:00Z"}, lifecycle.NonRenewing},
		{"expire with the period", active, map[string]any{"expiration": "2026-02-15T10:00:00Z"}, map[string]any{"expiration": "2026-02-15T10:00:00Z"}, lifecycle.NonRenewing},
		{"expire later", active, map[string]any{"expiration": "2027-01-01T00:00:00Z"}, map[string]any{"expiration": "2027-01-01T00:00:00Z"}, lifecycle.Active},
		{"expire later than it would", ending, map[string]any{"expiration": "2026-06-01T00:00:00Z"}, map[string]any{"expiration": "2026-06-01T00:00:00Z"}, lifecycle.Active},
		{"expire earlier than it would", ending, map[string]any{"expiration": "2026-02-01T00:00:00Z"}, map[string]any{"expiration": "2026-02-01T00:00:00Z"}, lifecycle.NonRenewing},
		{"do not expire", ending, map[string]any{"expiration": wiretest.Null}, map[string]any{"expiration": nil}, lifecycle.Active},
		{"undo every ending", allEndings, map[string]any{"expiration": wiretest.Null}, map[string]any{"expiration": nil}, lifecycle.Active},
		{"undo the endings in the way", allEndings, map[string]any{"expiration": "2026-02-10T00:00:00Z"}, map[string]any{"expiration": "2026-02-10T00:00:00Z"}, lifecycle.NonRenewing},
		{"come back", gone, map[string]any{"expiration": wiretest.Null}, map[string]any{"expiration": nil, "currentPeriodEnd": "2026-02-15T10:00:00Z"}, lifecycle.Active},
		{"come back for a while", gone, map[string]any{"expiration": "2026-09-01T00:00:00Z"}, map[string]any{"expiration": "2026-09-01T00:00:00Z"}, lifecycle.Active},
		{"start early", future, map[string]any{"start": now, "trialEnd": nil}, map[string]any{"start": now}, lifecycle.InTrial},
		{"extend a trial", inTrial, map[string]any{"trialEnd": "2026-03-01T00:00:00Z"}, map[string]any{"trialEnd": "2026-03-01T00:00:00Z"}, lifecycle.InTrial},
		{"extend a trial that is ahead", future, map[string]any{"trialEnd": "2026-03-01T00:00:00Z"}, map[string]any{"trialEnd": "2026-03-01T00:00:00Z"}, lifecycle.Future},
		{"end a trial", inTrial, map[string]any{"trialEnd": now}, map[string]any{"trialEnd": now}, lifecycle.Active},
		{"end a trial by null", inTrial, map[string]any{"trialEnd": wiretest.Null}, map[string]any{"trialEnd": now}, lifecycle.Active},
		{"move the period's end", active, map[string]any{"currentPeriodEnd": "2026-02-01T00:00:00Z"}, map[string]any{"currentPeriodEnd": "2026-02-01T00:00:00Z"}, lifecycle.Active},
		{"another product", active, map[string]any{"productId": "metered-plus"}, map[string]any{"productId": "metered-plus", "recurringCharge": 99.99}, lifecycle.Active},
		{"another charge", active, map[string]any{"recurringCharge": 39.5}, map[string]any{"recurringCharge": 39.5}, lifecycle.Active},
		{"the plan's own charge", dear, map[string]any{"recurringCharge": wiretest.Null}, map[string]any{"recurringCharge": 49.99}, lifecycle.Active},
		{"thresholds", active, map[string]any{"quotaNotificationThreshold": 80, "tierQuotaNotificationThreshold": 12.5}, map[string]any{"quotaNotificationThreshold": 80, "tierQuotaNotificationThreshold": 12.5}, lifecycle.Active},
		{"no organization", active, map[string]any{"organizationId": wiretest.Null}, map[string]any{"organizationId": "UNCLASSIFIED"}, lifecycle.Active},
		{"labels", gone, map[string]any{
			"name": "Harbor", "ownerId": "o", "clientEmailAddress": "c@x", "organizationId": "org", "accountId": "acc", "teamId": "team", "externalQuoteId": "Q",
			"credentialIds": []any{"k"}, "tags": []any{"a", "b"}, "namedSubscribers": []any{"n"}, "namedOrganizationIds": []any{"m"}, "notifyClient": true, "identityProvider": "idp",
			"notificationAddressesOnCreation": []any{"x"}, "notificationAddressesOnQuotaThreshold": []any{"y"}, "additionalInvoiceRecipients": []any{"z"},
		}, map[string]any{
			"name": "Harbor", "ownerId": "o", "clientEmailAddress": "c@x", "organizationId": "org", "accountId": "acc", "teamId": "team", "externalQuoteId": "Q",
			"credentialIds": []any{"k"}, "tags": []any{"a", "b"}, "namedSubscribers": []any{"n"}, "namedOrganizationIds": []any{"m"}, "notifyClient": true, "identityProvider": "idp",
			"notificationAddressesOnCreation": []any{"x"}, "notificationAddressesOnQuotaThreshold": []any{"y"}, "additionalInvoiceRecipients": []any{"z"},
		}, lifecycle.Cancelled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			before := shown(t, tc.sub, now)
			u := put(subscriber(now))
			u.Products = map[string]*plan.Version{"metered-plus": version(t, other())}
			next, _, err := u.Apply(tc.sub, revenium.Facts{}, wiretest.With(t, before, tc.change))
			require.NoError(t, err)
			after := shown(t, next, now)
			require.Equal(t, tc.status, after.Status(at(now)))
			require.Equal(t, tc.status, next.Status(at(now)))
			for name, want := range tc.want {
				require.JSONEq(t, string(wiretest.With(t, after, map[string]any{name: want})), string(wiretest.With(t, after, nil)), name)
			}
			again, _, err := u.Apply(next, revenium.Facts{}, wiretest.With(t, after, nil))
			require.NoError(t, err)
			require.Equal(t, next.Version(), again.Version(), "what is sent back as it was shown changes nothing")
		})
	}
}

func TestAPeriodThatHasPassedSinceTheDocumentWasShownAsksForNothing(t *testing.T) {
	t.Parallel()
	sub := sold(t, metered(), "2026-01-15T10:00:00Z")
	old := shown(t, sub, now)
	next, _, err := put(subscriber("2026-02-15T10:00:00Z")).Apply(sub, revenium.Facts{}, wiretest.With(t, old, nil))
	require.NoError(t, err)
	require.Equal(t, sub.Version(), next.Version())
	_, _, err = put(subscriber("2026-02-15T10:00:00Z")).Apply(sub, revenium.Facts{}, wiretest.With(t, old, map[string]any{"currentPeriodStart": "2026-01-14T10:00:00Z"}))
	require.ErrorIs(t, err, revenium.ErrReadOnly)
}

func TestMembersThatAreLeftOutStayAndThoseThatAreNullAreCleared(t *testing.T) {
	t.Parallel()
	sub := sold(t, metered(), "2026-01-15T10:00:00Z")
	u := put(operator(now))
	full, _, err := u.Apply(sub, revenium.Facts{}, wiretest.With(t, shown(t, sub, now), map[string]any{
		"accountId": "acc", "identityProvider": "idp", "tags": []any{"a"}, "credentialIds": []any{"k"}, "notifyClient": false,
		"allowImmediateCancellation": false, "quotaNotificationThreshold": 80, "tierQuotaNotificationThreshold": 90, "expiration": "2027-01-01T00:00:00Z",
	}))
	require.NoError(t, err)
	least := `{"name":"","ownerId":"","clientEmailAddress":"","teamId":"","productId":"metered-api","quotaNotificationThreshold":80`
	same, _, err := u.Apply(full, revenium.Facts{}, []byte(least+`}`))
	require.NoError(t, err)
	require.Equal(t, full.Version(), same.Version())

	cleared, _, err := u.Apply(full, revenium.Facts{}, []byte(least+`,"accountId":null,"identityProvider":null,"tags":null,"credentialIds":null,"notifyClient":null,
		"allowImmediateCancellation":null,"tierQuotaNotificationThreshold":null,"expiration":null}`))
	require.NoError(t, err)
	want := shown(t, sub, now)
	eighty := wire.Number{Decimal: wire.Decimal{Decimal: dec("80")}}
	want.QuotaThreshold = wire.Of(eighty)
	require.JSONEq(t, string(wiretest.With(t, want, nil)), string(wiretest.With(t, shown(t, cleared, now), nil)))
	require.Empty(t, cleared.Details().Metadata)
}

// Each refusal has a name; the service chooses the HTTP status.
func TestRefusalsAreNamedAndChangeNothing(t *testing.T) {
	t.Parallel()
	active := sold(t, metered(), "2026-01-15T10:00:00Z")
	bare := metered()
	bare.Limit = 0
	gone, err := active.Cancel(operator(now), subscription.Immediately())
	gone = do(t, gone, err)
	closed, err := active.Close(operator(now))
	closed = do(t, closed, err)
	ending, err := active.Cancel(operator(now), subscription.AtPeriodEnd())
	ending = do(t, ending, err)
	future, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: version(t, metered()), At: at("2026-01-10T00:00:00Z"), Start: at("2026-02-01T00:00:00Z")})
	require.NoError(t, err)
	short := metered().Plan()
	short.Length = &plan.Length{Cycles: 1}
	v, err := plan.Compile(short)
	require.NoError(t, err)
	once, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: v, Start: at("2026-01-15T10:00:00Z")})
	require.NoError(t, err)
	usageOnly := metered().Plan()
	usageOnly.Charges = usageOnly.Charges[1:]
	v, err = plan.Compile(usageOnly)
	require.NoError(t, err)
	usage, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: v, Start: at("2026-01-15T10:00:00Z")})
	require.NoError(t, err)
	noMode := put(subscriber(now))
	noMode.When = subscription.When{}
	for _, tc := range []struct {
		name   string
		sub    subscription.Subscription
		update revenium.Update
		change map[string]any
		want   []error
	}{
		{"another id", active, revenium.Update{ID: "other", Call: subscriber(now), Mode: wire.Strict}, nil, []error{subscription.ErrNotFound}},
		{"two ids", active, put(subscriber(now)), map[string]any{"id": "other"}, []error{revenium.ErrIDMismatch}},
		{"not what the page requires", active, put(subscriber(now)), map[string]any{"name": nil, "quotaNotificationThreshold": 101}, []error{wire.ErrMalformed}},
		{"a product that is not sold", active, put(subscriber(now)), map[string]any{"productId": "gold"}, []error{revenium.ErrNoProduct}},
		{"a charge without a mode", active, noMode, map[string]any{"recurringCharge": 1}, []error{subscription.ErrInvalidCall}},
		{"a charge that there is not", usage, put(subscriber(now)), map[string]any{"recurringCharge": 1}, []error{subscription.ErrNoCharge}},
		{"a start that has come", active, put(subscriber(now)), map[string]any{"start": "2026-01-16T00:00:00Z"}, []error{revenium.ErrReadOnly}},
		{"another start", future, put(subscriber(now)), map[string]any{"start": "2026-03-01T00:00:00Z"}, []error{revenium.ErrReadOnly}},
		{"an end before the start", future, put(subscriber(now)), map[string]any{"expiration": "2026-01-25T00:00:00Z"}, []error{lifecycle.ErrInvalidDates}},
		{"another beginning of the period", active, put(subscriber(now)), map[string]any{"currentPeriodStart": now}, []error{revenium.ErrReadOnly}},
		{"an end of the period that has passed", active, put(subscriber(now)), map[string]any{"currentPeriodEnd": "2026-01-19T00:00:00Z"}, []error{revenium.ErrReadOnly}},
		{"a period that is longer than one", active, put(subscriber(now)), map[string]any{"currentPeriodEnd": "2026-05-01T00:00:00Z"}, []error{revenium.ErrReadOnly}},
		{"a trial that there is not", active, put(subscriber(now)), map[string]any{"trialEnd": "2026-03-01T00:00:00Z"}, []error{lifecycle.ErrNotInTrial}},
		{"a threshold of no quota", sold(t, bare, "2026-01-15T10:00:00Z"), put(subscriber(now)), map[string]any{"quotaNotificationThreshold": 80}, []error{feature.ErrUnknown}},
		{"the past of what has ended", gone, put(subscriber(now)), map[string]any{"expiration": "2026-01-18T00:00:00Z"}, []error{revenium.ErrReadOnly}},
		{"what is closed", closed, put(subscriber(now)), map[string]any{"expiration": wiretest.Null}, []error{lifecycle.ErrClosed}},
		{"a charge of what has ended", gone, put(subscriber(now)), map[string]any{"recurringCharge": 1}, []error{lifecycle.ErrCancelled}},
		{"the length of the plan", once, put(subscriber(now)), map[string]any{"expiration": wiretest.Null}, []error{revenium.ErrEndsByPlan}},
		{"before the last change", ending, put(subscriber("2026-01-19T00:00:00Z")), map[string]any{"expiration": "2026-02-01T00:00:00Z"}, []error{subscription.ErrBackdated}},
		{"several at once", active, put(subscriber(now)), map[string]any{"productId": "gold", "start": "2026-01-16T00:00:00Z", "allowImmediateCancellation": true, "name": "x"}, []error{revenium.ErrNoProduct, revenium.ErrReadOnly, lifecycle.ErrNotPermitted}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			doc, err := revenium.Encode(tc.sub, revenium.Facts{}, tc.update.Call.At, wire.Strict)
			require.NoError(t, err)
			next, _, err := tc.update.Apply(tc.sub, revenium.Facts{}, wiretest.With(t, doc, tc.change))
			for _, want := range tc.want {
				require.ErrorIs(t, err, want)
			}
			require.NotEmpty(t, tc.want)
			require.True(t, next.Equal(tc.sub))
		})
	}
}
