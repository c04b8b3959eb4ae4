package feature_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// TestMain draws far more in the properties when PERENNIAL_LONG is 1.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("PERENNIAL_LONG") == "1" {
		if err := flag.Set("rapid.checks", "200000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// at reads an instant, or a date, which means its midnight in UTC.
func at(s string) time.Time {
	if len(s) == len("2006-01-02") {
		s += "T00:00:00Z"
	}
	t, err := calendar.ParseInstant(s)
	if err != nil {
		panic(err)
	}
	return t
}

func num(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func ptr[T any](v T) *T { return &v }

// ask is a request for an amount at an instant.
func ask(amount, instant string) feature.Request {
	return feature.Request{Amount: num(amount), At: at(instant)}
}

// resolved is the entitlement to one grant of a plan.
func resolved(t interface {
	Helper()
	Fatal(...any)
}, g feature.Grant, terms feature.Terms,
) *feature.Entitlement {
	t.Helper()
	if terms.At.IsZero() {
		terms.At = at("2026-03-04T10:00:00Z")
	}
	e, err := feature.Resolve("rescan", feature.Set{"rescan": g}, nil, terms)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// counted is a usage of so much.
func counted(t interface {
	Helper()
	Fatal(...any)
}, used, instant string,
) feature.QuotaUsage {
	t.Helper()
	u, err := feature.Counted(num(used), at(instant))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// fullWindow is a usage of a rolling window that remembers n uses of 1.
func fullWindow(t *testing.T, n int) feature.QuotaUsage {
	t.Helper()
	first := at("2026-03-04T10:00:00Z")
	last := first.Add(time.Duration(n-1) * time.Millisecond)
	var b strings.Builder
	fmt.Fprintf(&b, `{"used":"%d","window":"rolling","first":%q,"last":%q,"uses":[`, n,
		calendar.FormatInstant(first), calendar.FormatInstant(last))
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"at":%q,"amount":"1"}`, calendar.FormatInstant(first.Add(time.Duration(i)*time.Millisecond)))
	}
	b.WriteString("]}")
	var u feature.QuotaUsage
	if err := json.Unmarshal([]byte(b.String()), &u); err != nil {
		t.Fatal(err)
	}
	return u
}
