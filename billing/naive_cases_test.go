package billing_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// naiveCase is a case of the format: a tale, and what is expected of it.
type naiveCase struct {
	tale
	Expect struct {
		Invoices []struct {
			At    string `json:"at"`
			Lines []struct {
				From   string `json:"from"`
				To     string `json:"to"`
				Amount string `json:"amount"`
			} `json:"lines"`
			Total         *string `json:"total"`
			CreditApplied *string `json:"credit_applied"`
			Due           *string `json:"due"`
		} `json:"invoices"`
		Partial bool    `json:"partial"`
		Balance *string `json:"balance"`
	} `json:"expect"`
}

// unread says which word of a case the naive engine has no rule for.
func (c naiveCase) unread(text string) string {
	for _, word := range []string{`"set":`, `"term":`, `"grants"`} {
		if strings.Contains(text, word) {
			return word
		}
	}
	switch {
	case c.Kind != "scenario":
		return c.Kind
	case c.Expect.Invoices == nil:
		return "expects no invoices"
	case c.Currency != "" && c.Currency != "USD" && c.Currency != "EUR" && c.Currency != "JPY":
		return c.Currency
	}
	return ""
}

// compare says where the naive engine does not do what is expected; what the case leaves
// out is not compared.
func (c naiveCase) compare(n *naive) string {
	var want, got []string
	for i, inv := range c.Expect.Invoices {
		if i >= len(n.invoices) {
			want = append(want, "an invoice at "+inv.At)
			continue
		}
		have := n.invoices[i]
		if c.Expect.Partial {
			if k := slices.IndexFunc(n.invoices, func(x naiveInvoice) bool {
				return x.at.Equal(c.instant(inv.At)) && (inv.Total == nil || x.total == n.minor(*inv.Total))
			}); k >= 0 {
				have = n.invoices[k]
			}
		}
		want, got = append(want, c.instant(inv.At).String()), append(got, have.at.String())
		if inv.Lines != nil {
			var w, g []string
			for _, l := range inv.Lines {
				w = append(w, showLine(c.instant(l.From), c.instant(l.To), n.minor(l.Amount)))
			}
			for _, l := range have.lines {
				g = append(g, showLine(l.from, l.to, l.amount))
			}
			slices.Sort(w)
			slices.Sort(g)
			want, got = append(want, w...), append(got, g...)
		}
		for _, part := range []struct {
			of   *string
			have int64
		}{{inv.Total, have.total}, {inv.CreditApplied, have.applied}, {inv.Due, have.due}} {
			if part.of != nil {
				want, got = append(want, fmt.Sprint(n.minor(*part.of))), append(got, fmt.Sprint(part.have))
			}
		}
	}
	if !c.Expect.Partial {
		for _, inv := range n.invoices[min(len(n.invoices), len(c.Expect.Invoices)):] {
			got = append(got, fmt.Sprint(inv.at, " ", inv.total))
		}
	}
	if c.Expect.Balance != nil {
		want, got = append(want, fmt.Sprint("balance ", n.minor(*c.Expect.Balance))), append(got, fmt.Sprint("balance ", n.balance))
	}
	if slices.Equal(want, got) {
		return ""
	}
	return "want\n  " + strings.Join(want, "\n  ") + "\ngot\n  " + strings.Join(got, "\n  ")
}

// aggregates takes from a case how its metrics are aggregated.
func (c *naiveCase) aggregates(text json.RawMessage) {
	var words struct {
		Plans []struct {
			Metrics []struct {
				ID, Aggregation, Record string
				Carry                   bool
			}
		}
	}
	if json.Unmarshal(text, &words) != nil {
		return
	}
	for _, p := range words.Plans {
		for _, m := range p.Metrics {
			how := m.Aggregation
			if m.Record != "" {
				how += " " + m.Record
			}
			if m.Carry {
				how += " carried"
			}
			if c.Aggregations == nil {
				c.Aggregations = map[string]string{}
			}
			c.Aggregations[m.ID] = how
		}
	}
}

func TestTheNaiveEngineAgreesWithTheGivenCases(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../testdata/conformance/*.json")
	require.NoError(t, err)
	told, unread := 0, map[string]int{} // by the word that is not read
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var raw []json.RawMessage
		require.NoError(t, json.Unmarshal(data, &raw))
		for _, text := range raw {
			var c naiveCase
			if err := json.Unmarshal(text, &c); err != nil {
				unread["another shape"]++
				continue
			}
			if word := c.unread(string(text)); word != "" {
				unread[word]++
				continue
			}
			c.aggregates(text)
			if c.hasOwn() {
				unread["every of a charge"]++ // it knows of one grid only: see own_property_test.go
				continue
			}
			n := tell(c.tale)
			told++
			if diff := c.compare(n); diff != "" {
				t.Errorf("%s (%s): %s\n%s\n%s", c.ID, filepath.Base(path), c.Note, diff, c.tale)
			}
		}
	}
	t.Logf("%d cases told; not told: %v", told, unread)
	require.Greater(t, told, 50)
}
