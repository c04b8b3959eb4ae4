package billing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
)

// rule is a row of the tables by hand: a story in few words, and what it comes to.
//
// A plan is "name every: charge; charge", a charge "id price [each|arrears|once|per
// METRIC]", or the format's own JSON where that is not enough. Dates lack their
// year, 2026. A line is FROM>TO AMOUNT, an invoice "AT: line, line", its total left
// to the reader; "applied" and "due" are told where account credit plays a part.
type rule struct {
	name     string
	plans    []string
	sub      string
	policy   talePolicy
	zone     string
	how      string // "calls" are aggregated, if not by their sum
	actions  []string
	until    string
	want     []string
	statuses []string // "AT status"
	next     []string // "AT: next AT total", asked when all due by then was billed
}

func ruleDate(text string) string {
	if len(text) >= 5 && text[2] == '-' {
		return "2026-" + text
	}
	return text
}

func rulePlan(t *testing.T, text string) talePlan {
	t.Helper()
	if strings.HasPrefix(text, "{") {
		var p talePlan
		require.NoError(t, json.Unmarshal([]byte(text), &p), text)
		return p
	}
	head, rest, _ := strings.Cut(text, ":")
	p := talePlan{ID: strings.Fields(head)[0], Every: taleEvery{1, strings.Fields(head)[1]}}
	for _, part := range strings.Split(rest, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		c := taleCharge{ID: words[0], Price: talePrice{Model: "flat_fee", Amount: words[1]}}
		for i, word := range words[2:] {
			switch word {
			case "each":
				c.Price = talePrice{Model: "per_unit", UnitAmount: words[1]}
			case "arrears":
				c.Timing = "arrears"
			case "once":
				c.Once = true
			case "per":
				c.Price, c.Usage = talePrice{Model: "per_unit", UnitAmount: words[1]}, words[3+i]
			}
		}
		p.Charges = append(p.Charges, c)
	}
	return p
}

func ruleTale(t *testing.T, r rule) tale {
	t.Helper()
	s := tale{ID: r.name, Zone: r.zone, Policy: r.policy, Until: ruleDate(r.until)}
	if r.how != "" {
		s.Aggregations = map[string]string{"calls": r.how}
	}
	for _, p := range r.plans {
		s.Plans = append(s.Plans, rulePlan(t, p))
	}
	words := strings.Fields(r.sub)
	s.Sub = taleSub{Plan: s.Plans[0].ID, Start: ruleDate(words[0])}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "quantity":
			s.Sub.Quantity = value
		case "anchor":
			s.Sub.Anchor = ruleDate(value)
		case "first":
			s.Sub.FirstPeriod = value
		}
	}
	for _, text := range r.actions {
		words := strings.Fields(text)
		fields := map[string]any{"at": ruleDate(words[0]), "do": words[1]}
		for _, word := range words[2:] {
			name, value, _ := strings.Cut(word, "=")
			switch name {
			case "effective", "resume_at", "to", "anchor":
				fields[name] = ruleDate(value)
			case "cycles":
				var n int
				_, err := fmt.Sscan(value, &n)
				require.NoError(t, err)
				fields[name] = n
			case "price":
				fields[name] = talePrice{Model: "flat_fee", Amount: value}
			case "region":
				fields["properties"] = map[string]string{name: value}
			default:
				fields[name] = value
			}
		}
		data, err := json.Marshal(fields)
		require.NoError(t, err)
		var a taleAction
		require.NoError(t, json.Unmarshal(data, &a))
		s.Actions = append(s.Actions, a)
	}
	return s
}

// ruleShow writes invoices as the tables do.
func ruleShow(s tale, all []billing.Invoice) []string {
	date := func(at time.Time) string {
		clock := naiveClock(at, s.location())
		text := at.UTC().Format("2006-01-02T15:04Z")
		if clock.Equal(naiveDay(at, s.location())) {
			text = clock.Format(time.DateOnly)
		}
		return strings.TrimPrefix(text, "2026-")
	}
	out := []string{}
	for _, inv := range all {
		var lines []string
		for _, l := range inv.Lines {
			to := "-"
			if !l.To.IsZero() {
				to = date(l.To)
			}
			lines = append(lines, date(l.From)+">"+to+" "+strings.TrimSuffix(l.Amount.String(), " USD"))
		}
		text := date(inv.At) + ": " + strings.Join(lines, ", ")
		if inv.CreditApplied.Sign() != 0 {
			text += fmt.Sprintf(" applied %s due %s", strings.TrimSuffix(inv.CreditApplied.String(), " USD"), strings.TrimSuffix(inv.AmountDue.String(), " USD"))
		}
		out = append(out, text)
	}
	return out
}

func checkRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := ruleTale(t, r)
			p, err := play(s)
			require.NoError(t, err)
			all, _ := p.bills(t)
			require.Equal(t, append([]string{}, r.want...), ruleShow(s, all))
			require.Equal(t, showNaive(tell(s).invoices), showEngine(all), "the naive engine says otherwise")
			for _, text := range r.statuses {
				words := strings.Fields(text)
				at := s.instant(ruleDate(words[0]))
				require.Equal(t, words[1], string(p.sub.Status(at)), text)
			}
			for _, text := range r.next {
				asked, want, _ := strings.Cut(text, ": ")
				at := s.instant(ruleDate(asked))
				_, checkpoint, err := billing.Invoices(p.at(at), p.used(at), billing.Checkpoint{}, at)
				require.NoError(t, err)
				next, err := billing.Next(p.at(at), p.used(at), checkpoint, at)
				require.NoError(t, err)
				got := "none"
				if !next.At.IsZero() {
					got = strings.TrimPrefix(next.At.Format(time.DateOnly), "2026-") + " " + strings.TrimSuffix(next.Amount.String(), " USD")
				}
				require.Equal(t, want, got, text)
			}
		})
	}
}
