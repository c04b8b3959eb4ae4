package subscription_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// manyCharges is a plan of as many charges as a plan may have.
func manyCharges() plan.Plan {
	p := plan.Plan{ID: "many", Version: 1, Currency: money.USD, Every: calendar.Months(1)}
	for i := range 200 {
		p.Charges = append(p.Charges, plan.Charge{ID: fmt.Sprintf("s%d", i), Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(10)}})
	}
	return p
}

// manyCommands is a document with n commands a minute apart; later ones are
// corrections if backwards.
func manyCommands(n int, backwards bool, body func(i int) string) []byte {
	var b strings.Builder
	b.WriteString(`{"format":1,"id":"x","plan":"many@1","start":"2020-01-01T00:00:00Z","commands":[`)
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		at, extra := start.Add(time.Duration(i)*time.Minute), ""
		if backwards {
			if at = start.Add(time.Duration(n-i) * time.Minute); i > 0 {
				extra = `"correction":true,`
			}
		}
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"at":%q,"actor":"operator",%s%s}`, at.Format(time.RFC3339), extra, body(i))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

// The worst that a document can ask for, by what its commands do.
var hostile = map[string]func(i int) string{
	"a quantity": func(i int) string {
		return fmt.Sprintf(`"action":"change_quantity_now","charge":"s%d","quantity":"%d"`, i%200, i)
	},
	"a change that waits": func(i int) string {
		return fmt.Sprintf(`"action":"change_quantity_on_date","replace":true,"charge":"s%d","on":"2099-01-01T00:%02d:00Z","quantity":"%d"`, i%99, i%60, i)
	},
	"an end date": func(i int) string {
		return fmt.Sprintf(`"action":"set_end_date","end_date":"2099-01-01T00:00:%02dZ"`, i%59)
	},
	"metadata": func(i int) string {
		return fmt.Sprintf(`"action":"update","patch":{"metadata":{"k%d":"%d"}}`, i%190, i)
	},
	"account credit": func(int) string {
		return `"action":"add_account_credit","account_credit":{"amount":"1.00","currency":"USD"}`
	},
	"a feature": func(i int) string {
		return fmt.Sprintf(`"action":"assign_features","features":{"f%d":{"kind":"limit","limit":"%d"}}`, i%200, i)
	},
}

func TestDecodingCostsNoMoreThanTheNumberOfCommands(t *testing.T) {
	catalog := plan.MustCatalog(manyCharges())
	allocated := func(t *testing.T, doc []byte) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := subscription.Decode(doc, catalog)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		require.Greater(t, s.Version(), 1000)
		return after.TotalAlloc - before.TotalAlloc
	}
	for name, body := range hostile {
		for _, backwards := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, backwards %t", name, backwards), func(t *testing.T) {
				few, many := allocated(t, manyCommands(1000, backwards, body)), allocated(t, manyCommands(8000, backwards, body))
				require.Less(t, many, 14*few, "eight times the commands: %d and %d bytes", few, many)
				require.Less(t, many/8000, uint64(20_000), "bytes a command")
			})
		}
	}
}
