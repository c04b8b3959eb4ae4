package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// status returns the HTTP status of an answer.
func status(err error) int {
	switch fault.Kind(err) {
	case fault.None:
		return http.StatusOK
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Missing:
		return http.StatusNotFound
	case fault.Refused:
		return http.StatusUnprocessableEntity
	case fault.Late, fault.Conflict:
		return http.StatusConflict
	case fault.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

func ExampleKind() {
	catalog, err := plan.NewCatalog(plan.Plan{ID: "pro", Version: 1, Currency: 840})
	fmt.Println(status(err))
	_, err = catalog.Lookup(plan.Ref{ID: "team", Version: 1})
	fmt.Println(status(err), err)
	stored := `{"format":1,"id":"s-1","plan":"team@1","start":"2026-01-01T00:00:00Z"}`
	_, err = subscription.Decode([]byte(stored), catalog)
	fmt.Println(status(err), err)

	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	pro, _ := catalog.Lookup(plan.Ref{ID: "pro", Version: 1})
	sub, _ := subscription.New(subscription.Params{ID: "s-1", Plan: pro, Start: start})
	_, err = sub.Resume(subscription.Call{At: start, Actor: lifecycle.Subscriber}, subscription.Immediately())
	fmt.Println(status(err), errors.Is(err, lifecycle.ErrNotPaused))
	_, err = sub.Cancel(subscription.Call{At: start.Add(-time.Hour), Actor: lifecycle.Subscriber}, subscription.Immediately())
	fmt.Println(status(err), errors.Is(err, subscription.ErrBackdated))
	// Output:
	// 200
	// 404 plan: catalog: "team@1" not found
	// 500 plan: subscription: plan lost from the catalog: "team@1"
	// 422 true
	// 409 true
}

func ExampleFaults() {
	var p plan.Plan
	err := json.Unmarshal([]byte(`{"id":"pro","version":1,"currency":"USD","evry":"P1M","trial":{"length":14}}`), &p)
	for _, f := range fault.Faults(fmt.Errorf("plan 17: %w", err)) {
		fmt.Printf("%-12s  %-13s  %v\n", f.Path, f.Code, f.Err)
	}
	// Output:
	// evry          unknown_field  unknown field
	// trial.length  wrong_type     must be a string
}
