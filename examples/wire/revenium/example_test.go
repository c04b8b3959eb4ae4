package revenium_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func ExampleUpdate_Apply() {
	product := revenium.Product{ID: "metered-api", Currency: money.USD, Every: calendar.Months(1), Charge: decimal.RequireFromString("49.99")}
	version := plan.MustCompile(product.Plan())
	call := subscription.Call{At: time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC), Actor: lifecycle.Subscriber}
	sub, err := revenium.Create("jRw8Gq", []byte(`{"name":"Harbor API","ownerId":"ow9","clientEmailAddress":"a@harbor.example",
		"teamId":"te2","productId":"metered-api","quotaNotificationThreshold":0}`), version, call)
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, err := revenium.Encode(sub, revenium.Facts{}, call.At, wire.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := json.Marshal(doc)
	if err != nil {
		fmt.Println(err)
		return
	}

	// What is sent back as it was shown changes nothing.
	put := revenium.Update{ID: "jRw8Gq", Call: call, Mode: wire.Strict}
	same, _, err := put.Apply(sub, revenium.Facts{}, data)
	fmt.Println(same.Version(), sub.Version(), err)

	// An expiration at the end of the period is the end.
	doc.Expiration = doc.PeriodEnd
	if data, err = json.Marshal(doc); err != nil {
		fmt.Println(err)
		return
	}
	ending, _, err := put.Apply(sub, revenium.Facts{}, data)
	fmt.Println(ending.Status(call.At), err)
	// Output:
	// 2 2 <nil>
	// non_renewing <nil>
}
