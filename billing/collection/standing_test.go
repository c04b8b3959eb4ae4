package collection_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// when reads a date, or an instant.
func when(t require.TestingT, s string) time.Time {
	if len(s) == len(time.DateOnly) {
		s += "T00:00:00Z"
	}
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

// invoiceOf reads "subscription at amount [charge until]".
func invoiceOf(t require.TestingT, s string) billing.Invoice {
	w := strings.Fields(s)
	amount := money.MustParse(w[2] + " USD")
	inv := billing.Invoice{Subscription: subscription.ID(w[0]), At: when(t, w[1]), Total: amount, AmountDue: amount, CreditApplied: money.FromMinor(0, money.USD), Refund: money.FromMinor(0, money.USD)}
	for i := 3; i < len(w); i += 2 {
		inv.Lines = append(inv.Lines, billing.Line{Kind: billing.ChargeLine, Charge: w[i], From: inv.At, To: when(t, w[i+1]), Amount: amount})
	}
	return inv
}

// invoicesOf reads invoices, separated by semicolons.
func invoicesOf(t require.TestingT, s string) []billing.Invoice {
	var all []billing.Invoice
	for _, text := range strings.Split(s, ";") {
		all = append(all, invoiceOf(t, text))
	}
	return all
}

// factsOf reads "number kind at [left]", separated by semicolons; numbers are those of
// invoices, from 1.
func factsOf(t require.TestingT, s string, invoices []billing.Invoice) []collection.Fact {
	var all []collection.Fact
	for _, text := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' }) {
		w := strings.Fields(text)
		n, err := strconv.Atoi(w[0])
		require.NoError(t, err)
		f := collection.Fact{Invoice: invoices[n-1].ID(), Kind: collection.FactKind(w[1]), At: when(t, w[2])}
		if len(w) > 3 {
			f.Left = money.MustParse(w[3] + " USD")
		}
		all = append(all, f)
	}
	return all
}

func policyOf(t require.TestingT, s string) collection.Policy {
	var p collection.Policy
	require.NoError(t, json.Unmarshal([]byte(s), &p))
	return p
}

// show writes what is asked of a state: "step unpaid access", and what comes next.
func show(s collection.State) string {
	step := s.Step
	if step == "" {
		step = "-"
	}
	var unpaid []string
	for _, m := range s.Unpaid {
		unpaid = append(unpaid, m.Amount())
	}
	if len(unpaid) == 0 {
		unpaid = []string{"0"}
	}
	out := fmt.Sprintf("%s %s %s", step, strings.Join(unpaid, "+"), s.Access)
	if s.Next != nil {
		out += " then " + s.Next.Step + " " + day(s.Next.At)
	}
	for _, c := range s.Commands {
		out += fmt.Sprintf(", %s %s %s", c.Action, c.Subscription, day(c.At))
	}
	return out
}

func day(t time.Time) string { return strings.TrimSuffix(t.Format("01-02T15:04"), "T00:00") }

// eleven retries once a day for ten days; then it is closed.
const eleven = `{"steps":[{"id":"close","days":10,"attempts":11,"do":["close"]},{"id":"retry","do":["retry"]}]}`

// killBill is the tutorial of Kill Bill: warned after 10 days, blocked after 14, cancelled
// after 21.
const killBill = `{"steps":[{"id":"cancelled","days":21,"do":["end_now"]},{"id":"blocked","days":14,"do":["suspend","block_changes"]},{"id":"warning","days":10,"do":["notify","block_changes"]}]}`

func attempts(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("1 failed 2026-03-%02d", i+1))
	}
	return strings.Join(all, ";")
}

func TestHowItStands(t *testing.T) {
	t.Parallel()
	const march = "s-1 2026-03-01 99.00"
	const twice = march + "; s-1 2026-04-01 99.00"
	for _, test := range []struct {
		name, invoices, facts, policy string
		want                          []string // "date: what is shown"
	}{
		{"eleven attempts that fail", twice, attempts(11), eleven, []string{
			"2026-02-28: - 0 full", "2026-03-01: retry 99.00 full", "2026-03-10: retry 99.00 full",
			"2026-03-11: close 99.00 paid_up, close s-1 03-11", "2026-03-31: close 99.00 paid_up, close s-1 03-11", "2026-04-01: close 198.00 paid_up, close s-1 03-11",
		}},
		{"paid on the fifth day", march, attempts(5) + ";1 paid 2026-03-05", eleven, []string{"2026-03-04: retry 99.00 full", "2026-03-05: - 0 full", "2026-03-11: - 0 full"}},
		{"the first state whose conditions hold", march, "", killBill, []string{
			"2026-03-10: - 99.00 full then warning 03-11", "2026-03-11: warning 99.00 full then blocked 03-15", "2026-03-14T23:59:59Z: warning 99.00 full then blocked 03-15",
			"2026-03-15: blocked 99.00 paid_up then cancelled 03-22", "2026-03-22: cancelled 99.00 paid_up, cancel_now s-1 03-22",
		}},
		{"all conditions must hold", twice, "", `{"steps":[{"id":"two","days":14,"invoices":2,"amount":{"amount":"150.00","currency":"USD"},"do":["suspend"]}]}`, []string{
			"2026-03-20: - 99.00 full", "2026-04-01: two 198.00 paid_up",
		}},
		{"an amount that is not reached", twice, "", `{"steps":[{"id":"much","amount":{"amount":"198.01","currency":"USD"},"do":["suspend"]}]}`, []string{"2026-05-01: - 198.00 full"}},
		{"an amount in another currency", march, "", `{"steps":[{"id":"much","amount":{"amount":"1.00","currency":"EUR"},"do":["suspend"]}]}`, []string{"2026-05-01: - 99.00 full"}},
		{"an attempt that fails before it is due is no debt", march, "1 due 2026-03-15;1 failed 2026-03-02", `{"grace":"stop","steps":[{"id":"retry","attempts":1,"do":["retry"]}]}`, []string{
			"2026-03-02: - 0 full then retry 03-15", "2026-03-15: retry 99.00 paid_up",
		}},
		{"days count from the due date", march, "1 due 2026-03-31", killBill, []string{"2026-03-30: - 0 full then warning 04-10", "2026-04-10: warning 99.00 full then blocked 04-14"}},
		{"days count from the invoice, once it is due", march, "1 due 2026-03-31", strings.Replace(killBill, "{", `{"count_from":"invoice",`, 1), []string{"2026-03-30: - 0 full then cancelled 03-31", "2026-03-31: cancelled 99.00 paid_up, cancel_now s-1 03-31"}},
		{"stopped at once", march, "", `{"grace":"stop"}`, []string{"2026-02-28: - 0 full", "2026-03-01: - 99.00 paid_up"}},
		{"a part is paid", march, "1 paid 2026-03-05 40.00", killBill, []string{"2026-03-05: - 40.00 full then warning 03-11"}},
		{"a payment that is taken back", march, "1 paid 2026-03-01;1 paid 2026-03-20 99.00", killBill, []string{"2026-03-19: - 0 full", "2026-03-20: blocked 99.00 paid_up then cancelled 03-22"}},
		{"attempts before a payment do not count after it", march, "1 failed 2026-03-01;1 failed 2026-03-02;1 paid 2026-03-03;1 paid 2026-03-04 99.00;1 failed 2026-03-05", `{"steps":[{"id":"second","attempts":2,"do":["suspend"]}]}`, []string{
			"2026-03-02: second 99.00 paid_up", "2026-03-05: - 99.00 full",
		}},
		{"no retries after what is cancelled was voided", march, attempts(3) + ";1 voided 2026-03-03T12:00:00Z", eleven, []string{"2026-03-03: retry 99.00 full", "2026-03-04: - 0 full", "2026-03-11: - 0 full"}},
		{"the older one is paid, the newer one counts anew", twice, "1 paid 2026-04-02", killBill, []string{"2026-04-01: cancelled 198.00 paid_up, cancel_now s-1 03-22", "2026-04-02: - 99.00 full then warning 04-11"}},
		{"nothing was due", "s-1 2026-03-01 0.00", "", `{"grace":"stop"}`, []string{"2026-04-01: - 0 full"}},
		{"a prepaid year goes on", "s-1 2026-01-01 1200.00 base 2027-01-01; s-1 2026-03-01 10.00 extra/fee 2026-04-01", "1 paid 2026-01-01", killBill, []string{
			"2026-03-15: blocked 10.00 paid_up then cancelled 03-22", "2026-03-22: cancelled 10.00 paid_up, cancel_now s-1 01-01",
		}},
		{"or is cut, by choice", "s-1 2026-01-01 1200.00 base 2027-01-01; s-1 2026-03-01 10.00 extra/fee 2026-04-01", "1 paid 2026-01-01", strings.Replace(killBill, "{", `{"coverage":"cut_paid",`, 1), []string{
			"2026-03-15: blocked 10.00 none then cancelled 03-22", "2026-03-22: cancelled 10.00 none, cancel_now s-1 03-22",
		}},
		{"an end at the end of the period", march, "", `{"steps":[{"id":"end","days":3,"do":["end_at_period","notify"]}]}`, []string{"2026-03-04: end 99.00 full, cancel_at_period_end s-1 03-04"}},
		{"a hold", march, "", `{"steps":[{"id":"hold","days":3,"do":["hold"]}]}`, []string{"2026-03-04: hold 99.00 paid_up, hold s-1 03-04"}},
		{"a suspension of the subscription", march, "", `{"steps":[{"id":"stop","days":3,"do":["suspend_now"]}]}`, []string{"2026-03-03: - 99.00 full then stop 03-04", "2026-03-04: stop 99.00 paid_up, suspend s-1 03-04"}},
		{"an account counts together", "s-1 2026-03-01 10.00; s-2 2026-03-05 20.00 base 2026-04-05", "2 paid 2026-03-05", `{"scope":"account","steps":[{"id":"close","days":14,"do":["close"]}]}`, []string{
			"2026-03-15: close 10.00 paid_up, close s-1 03-15, close s-2 04-05",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			invoices := invoicesOf(t, test.invoices)
			facts := factsOf(t, test.facts, invoices)
			for _, want := range test.want {
				at, _, _ := strings.Cut(want, ": ")
				s, err := collection.Standing(invoices, facts, policyOf(t, test.policy), when(t, at))
				require.NoError(t, err)
				require.Equal(t, want, at+": "+show(s))
				require.NoError(t, roundTrip(s))
			}
		})
	}
}

func TestNothingPaidForIsCutOff(t *testing.T) {
	t.Parallel()
	invoices := invoicesOf(t, "s-1 2026-01-01 1200.00 base 2027-01-01; s-1 2026-03-01 10.00 extra/fee 2026-04-01")
	policy := policyOf(t, killBill)
	s, err := collection.Standing(invoices, factsOf(t, "1 paid 2026-01-01", invoices), policy, when(t, "2026-03-16"))
	require.NoError(t, err)
	require.Equal(t, []collection.PaidCharge{{Subscription: "s-1", Charge: "base", Until: when(t, "2027-01-01")}}, s.Paid)
	require.True(t, s.Entitles("s-1", "base"))
	require.False(t, s.Entitles("s-1", "extra/fee"))
	require.False(t, s.Entitles("s-2", "base"))
	require.True(t, s.BlocksChanges)

	// A credit takes back the rest of what was paid.
	back := invoiceOf(t, "s-1 2026-02-01 0.00")
	base := invoices[0].Lines[0]
	back.Lines = []billing.Line{{Kind: billing.CreditLine, Charge: "base", From: when(t, "2026-03-10"), To: base.To, Amount: money.MustParse("-900.00 USD"), Of: base.Ref()}}
	s, err = collection.Standing(append(invoices, back), factsOf(t, "1 paid 2026-01-01", invoices), policy, when(t, "2026-03-16"))
	require.NoError(t, err)
	require.False(t, s.Entitles("s-1", "base"))

	// Nothing is overdue: all is entitled, paid or not.
	s, err = collection.Standing(invoices, factsOf(t, "1 paid 2026-01-01; 2 paid 2026-03-02", invoices), policy, when(t, "2026-03-16"))
	require.NoError(t, err)
	require.True(t, s.Entitles("s-1", "extra/fee"))
	require.False(t, s.BlocksChanges)
}

func TestWhatWouldHaveBeenIsListed(t *testing.T) {
	t.Parallel()
	invoices := invoicesOf(t, "s-1 2026-03-01 99.00")
	past := func(facts string) string {
		s, err := collection.Standing(invoices, factsOf(t, facts, invoices), policyOf(t, killBill), when(t, "2026-04-01"))
		require.NoError(t, err)
		var all []string
		for _, e := range s.Past {
			all = append(all, e.Step+" "+day(e.At))
		}
		return strings.Join(all, ", ")
	}
	require.Equal(t, "warning 03-11, blocked 03-15, cancelled 03-22", past(""))
	// A payment of 5 March that becomes known later: nothing of it was ever due.
	require.Empty(t, past("1 paid 2026-03-05"))
	require.Equal(t, "warning 03-11, blocked 03-15,  03-16", past("1 paid 2026-03-16"))
}

func TestADayIsOneOfTheSubscriptionsClock(t *testing.T) {
	t.Parallel()
	invoices := invoicesOf(t, "s-1 2026-03-27T09:00:00Z 99.00")
	invoices[0].Zone = calendar.MustLoadZone("Europe/Berlin") // summer time from 29 March
	s, err := collection.Standing(invoices, nil, policyOf(t, `{"steps":[{"id":"a","days":3,"do":["notify"]}]}`), when(t, "2026-03-28"))
	require.NoError(t, err)
	require.Equal(t, when(t, "2026-03-30T08:00:00Z"), s.Next.At)
}

func TestADebtMayBlockAReactivation(t *testing.T) {
	t.Parallel()
	invoices := invoicesOf(t, "s-1 2026-03-01 99.00")
	for policy, want := range map[string]bool{`{}`: false, `{"reactivation":"with_debt"}`: false, `{"reactivation":"when_paid"}`: true} {
		s, err := collection.Standing(invoices, nil, policyOf(t, policy), when(t, "2026-03-02"))
		require.NoError(t, err)
		require.Equal(t, want, s.BlocksReactivation)
		s, err = collection.Standing(invoices, factsOf(t, "1 paid 2026-03-02", invoices), policyOf(t, policy), when(t, "2026-03-02"))
		require.NoError(t, err)
		require.False(t, s.BlocksReactivation)
	}
}

func TestWhatCannotBeJudgedIsRefused(t *testing.T) {
	t.Parallel()
	one, two := "s-1 2026-03-01 99.00", "s-1 2026-03-01 99.00; s-2 2026-03-01 99.00"
	stranger := uuid.MustParse("5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93")
	for _, test := range []struct {
		name, invoices, facts string
		change                func(invoices []billing.Invoice, facts []collection.Fact)
		want                  string
	}{
		{"two subscriptions in the scope of one", two, "", nil, "invoices[1].subscription: must be that of the first invoice, with the scope subscription"},
		{"an invoice twice", one + ";" + one, "", nil, "invoices[1]: is there twice"},
		{"a draft", one, "", func(i []billing.Invoice, _ []collection.Fact) { i[0].Draft = true }, "invoices[0].draft: must be left out"},
		{"no amount", one, "", func(i []billing.Invoice, _ []collection.Fact) { i[0].AmountDue = money.Money{} }, "invoices[0].amount_due: missing"},
		{"a fact of another invoice", one, "1 paid 2026-03-02", func(_ []billing.Invoice, f []collection.Fact) { f[0].Invoice = stranger }, "facts[0].invoice: is not among the invoices"},
		{"a fact of none", one, "1 paid 2026-03-02", func(_ []billing.Invoice, f []collection.Fact) { f[0].Invoice = uuid.Nil }, "facts[0].invoice: missing"},
		{"a fact of another kind", one, "1 refunded 2026-03-02", nil, `facts[0].kind: unknown kind of fact "refunded"`},
		{"due twice", one, "1 due 2026-03-02; 1 due 2026-03-03", nil, "facts[1]: the invoice is due at another instant already"},
		{"due before the invoice", one, "1 due 2026-02-28", nil, "facts[0].at: must not lie before the invoice"},
		{"another currency", one, "1 paid 2026-03-02", func(_ []billing.Invoice, f []collection.Fact) { f[0].Left = money.MustParse("1.00 EUR") }, "facts[0].left: must be in the currency of the invoice, USD"},
		{"less than nothing is left", one, "1 paid 2026-03-02 -1.00", nil, "facts[0].left: must not be negative"},
		{"what is left of an attempt", one, "1 failed 2026-03-02 1.00", nil, "facts[0].left: must be left out of what is not paid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			invoices := invoicesOf(t, test.invoices)
			facts := factsOf(t, test.facts, invoices)
			if test.change != nil {
				test.change(invoices, facts)
			}
			s, err := collection.Standing(invoices, facts, collection.Policy{}, when(t, "2026-04-01"))
			require.ErrorContains(t, err, test.want)
			require.Equal(t, fault.Invalid, fault.Kind(err))
			require.Equal(t, collection.State{}, s)
		})
	}
	_, err := collection.Standing(nil, nil, collection.Policy{}, time.Time{})
	require.ErrorIs(t, err, collection.ErrRange)
	huge := invoicesOf(t, "s-1 2026-03-01 92233720368547758.07; s-1 2026-03-02 0.01")
	_, err = collection.Standing(huge, nil, collection.Policy{}, when(t, "2026-04-01"))
	require.ErrorIs(t, err, money.ErrOverflow)
}

// drawn is a question.
type drawn struct {
	invoices []billing.Invoice
	facts    []collection.Fact
	policy   collection.Policy
}

func drawQuestion(t *rapid.T) drawn {
	var d drawn
	start := when(t, "2026-01-01")
	at := func(from, days int) time.Time {
		return start.Add(time.Duration(rapid.IntRange(from*24, days*24).Draw(t, "at")) * time.Hour)
	}
	zone := rapid.SampledFrom([]calendar.Zone{{}, calendar.MustLoadZone("Europe/Berlin")}).Draw(t, "zone")
	seen := map[uuid.UUID]bool{}
	for range rapid.IntRange(1, 4).Draw(t, "invoices") {
		inv := billing.Invoice{Subscription: "s-1", Zone: zone, At: at(0, 60), AmountDue: money.FromMinor(rapid.Int64Range(0, 20_000).Draw(t, "amount"), money.USD)}
		inv.Lines = []billing.Line{{Kind: billing.ChargeLine, Charge: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "charge"), From: inv.At, To: inv.At.AddDate(0, 1, 0), Amount: inv.AmountDue}}
		if seen[inv.ID()] {
			continue
		}
		seen[inv.ID()] = true
		d.invoices = append(d.invoices, inv)
		if rapid.Bool().Draw(t, "terms") {
			d.facts = append(d.facts, collection.Fact{Invoice: inv.ID(), Kind: collection.Due, At: inv.At.AddDate(0, 0, 14)})
		}
		for range rapid.IntRange(0, 4).Draw(t, "facts") {
			f := collection.Fact{Invoice: inv.ID(), Kind: rapid.SampledFrom([]collection.FactKind{collection.Failed, collection.Paid, collection.Paid, collection.Voided}).Draw(t, "kind"), At: at(0, 100)}
			if f.Kind == collection.Paid && rapid.Bool().Draw(t, "part") {
				f.Left = money.FromMinor(rapid.Int64Range(0, 20_000).Draw(t, "left"), money.USD)
			}
			d.facts = append(d.facts, f)
		}
	}
	d.policy = collection.Policy{
		CountFrom: rapid.SampledFrom(collection.Words[collection.CountFrom]()).Draw(t, "count from"),
		Grace:     rapid.SampledFrom(collection.Words[collection.Grace]()).Draw(t, "grace"),
		Coverage:  rapid.SampledFrom(collection.Words[collection.Coverage]()).Draw(t, "coverage"),
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "steps") {
		s := collection.Step{
			ID: string(rune('a' + i)), Days: rapid.IntRange(0, 30).Draw(t, "days"), Invoices: rapid.IntRange(0, 2).Draw(t, "count"), Attempts: rapid.IntRange(0, 2).Draw(t, "attempts"),
			Do: []collection.Action{rapid.SampledFrom(collection.Words[collection.Action]()).Draw(t, "do")},
		}
		with := d.policy
		with.Steps = append(with.Steps, s)
		if with.Validate() == nil {
			d.policy = with
		}
	}
	return d
}

func (d drawn) at(t require.TestingT, at time.Time) collection.State {
	s, err := collection.Standing(d.invoices, d.facts, d.policy, at)
	require.NoError(t, err)
	require.NoError(t, roundTrip(s))
	return s
}

func TestTheOrderOfFactsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawQuestion(t)
		at := when(t, "2026-01-01").AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, "asked"))
		other := drawn{rapid.Permutation(d.invoices).Draw(t, "invoices"), rapid.Permutation(d.facts).Draw(t, "facts"), d.policy}
		require.True(t, d.at(t, at).Equal(other.at(t, at)))
	})
}

func TestOnlyWhatHappenedCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawQuestion(t)
		at := when(t, "2026-01-01").AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, "asked"))
		known := drawn{policy: d.policy}
		there := map[uuid.UUID]bool{}
		for _, inv := range d.invoices {
			if !inv.At.After(at) {
				known.invoices = append(known.invoices, inv)
				there[inv.ID()] = true
			}
		}
		for _, f := range d.facts { // when it is due is known with the invoice
			if there[f.Invoice] && (f.Kind == collection.Due || !f.At.After(at)) {
				known.facts = append(known.facts, f)
			}
		}
		require.Equal(t, show(d.at(t, at)), show(known.at(t, at)))
	})
}

// TestWhatIsNextComes asks again at the instant of the next step, as if nothing happened.
func TestWhatIsNextComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawQuestion(t)
		at := when(t, "2026-01-01").AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "asked"))
		now := d.at(t, at)
		quiet := drawn{policy: d.policy}
		there := map[uuid.UUID]bool{}
		for _, inv := range d.invoices {
			if !inv.At.After(at) {
				quiet.invoices, there[inv.ID()] = append(quiet.invoices, inv), true
			}
		}
		for _, f := range d.facts {
			if there[f.Invoice] && (f.Kind == collection.Due || !f.At.After(at)) {
				quiet.facts = append(quiet.facts, f)
			}
		}
		if now.Next == nil {
			later := quiet.at(t, at.AddDate(1, 0, 0))
			require.True(t, later.Step == "" || later.Step == now.Step)
			return
		}
		then := quiet.at(t, now.Next.At)
		require.Equal(t, now.Next.Step, then.Step)
		require.Equal(t, now.Next.Key, then.Key)
		require.Equal(t, now.Next.At, then.StepAt)
		require.NotEqual(t, now.Next.Key, quiet.at(t, now.Next.At.Add(-time.Microsecond)).Key)
	})
}

// TestTheStandingIsCounted holds the state to a count of its own.
func TestTheStandingIsCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawQuestion(t)
		at := when(t, "2026-01-01").AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, "asked"))
		s := d.at(t, at)
		var owed int64
		overdue := 0
		for _, inv := range d.invoices {
			left, due, void := inv.AmountDue.Minor(), inv.At, false
			last := time.Time{}
			for _, f := range d.facts {
				switch {
				case f.Invoice != inv.ID():
				case f.Kind == collection.Due:
					due = f.At
				case f.At.After(at):
				case f.Kind == collection.Voided:
					void = true
				case f.Kind == collection.Paid && (f.At.After(last) || f.At.Equal(last) && f.Left.Minor() < left):
					left, last = f.Left.Minor(), f.At
				}
			}
			if !inv.At.After(at) && !due.After(at) && !void && left > 0 {
				owed += left
				overdue++
			}
		}
		require.Equal(t, overdue > 0, s.PastDue)
		require.Len(t, s.Invoices, overdue)
		if overdue > 0 {
			require.Equal(t, []money.Money{money.FromMinor(owed, money.USD)}, s.Unpaid)
		} else {
			require.Equal(t, collection.Full, s.Access)
			require.Empty(t, s.Step)
			require.Empty(t, s.Commands)
		}
		for _, c := range s.Commands {
			for _, p := range s.Paid {
				require.False(t, d.policy.Coverage == collection.KeepPaid && c.Action.String() != "cancel_at_period_end" && c.At.Before(p.Until), "what is paid for is not cut off")
			}
		}
		if d.policy.Coverage == collection.KeepPaid {
			for _, p := range s.Paid {
				require.True(t, s.Entitles(p.Subscription, p.Charge))
			}
		}
	})
}
