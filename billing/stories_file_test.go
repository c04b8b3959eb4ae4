package billing_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/billing"
)

// told is a story of the golden file, and what it billed when that was made.
type told struct {
	id       string // its class and its seed
	features []string
	tale     tale
	bills    []string // as write writes them
}

// options are those that the story is billed with.
func (s tale) options() []billing.Option {
	if s.Tax == "" {
		return nil
	}
	return []billing.Option{billing.WithTax(func(l billing.Line) []billing.TaxRate {
		on, in := billing.TaxRate{ID: "vat", Percent: num("19")}, billing.TaxRate{ID: "levy", Percent: num("7.125"), Inclusive: true}
		switch {
		case strings.HasPrefix(l.Charge, "fee0"):
			return []billing.TaxRate{on}
		case strings.HasPrefix(l.Charge, "fee1"):
			return []billing.TaxRate{on, in}
		case strings.HasPrefix(l.Charge, "calls"):
			return []billing.TaxRate{in}
		}
		return nil
	})}
}

// write says what was billed: for each invoice its instant, command and total, what
// else is not zero, and its lines in their order, those of one span beside each other.
// Instants are local; a date stands for the midnight at which it begins. The last
// line sums up what is not shown.
func (s tale) write(all []billing.Invoice, checkpoint billing.Checkpoint) []string {
	loc := s.location()
	instant := func(t time.Time) string {
		if day := naiveDay(t, loc); t.Equal(naiveWall(day, loc)) {
			return day.Format(time.DateOnly)
		}
		return t.In(loc).Format(time.RFC3339)
	}
	var out []string
	ids := sha1.New()
	for _, inv := range all {
		head := fmt.Sprintf("= %s #%d total %d", instant(inv.At), inv.Command, inv.Total.Minor())
		for _, part := range []struct {
			name  string
			minor int64
		}{{"applied", inv.CreditApplied.Minor()}, {"due", inv.AmountDue.Minor() - max(inv.Total.Minor(), 0) + inv.CreditApplied.Minor()}, {"refund", inv.Refund.Minor()}} {
			if part.minor != 0 {
				head += fmt.Sprintf(" %s %d", part.name, part.minor)
			}
		}
		for _, tax := range inv.Taxes {
			head += fmt.Sprintf(" %s %d of %d", tax.Rate.ID, tax.Amount.Minor(), tax.Base.Minor())
		}
		out = append(out, head)
		id := inv.ID()
		ids.Write(id[:])
		last := ""
		for _, l := range inv.Lines {
			id := l.ID(inv.Subscription, inv.Zone)
			ids.Write(id[:])
			span := instant(l.From)
			if !l.To.IsZero() {
				span += ".." + instant(l.To)
			}
			of := ""
			if l.Kind == billing.DiscountLine || l.Kind == billing.TaxLine {
				of = "of " + l.Of.Charge + " "
			}
			line := fmt.Sprintf("%s %s %s%d", l.Charge, l.Kind, of, l.Amount.Minor())
			if span == last {
				out[len(out)-1] += ", " + line
			} else {
				out = append(out, span+": "+line)
			}
			last = span
		}
	}
	credit := int64(0)
	if checkpoint.CreditBalance.IsValid() {
		credit = checkpoint.CreditBalance.Minor()
	}
	return append(out, fmt.Sprintf("credit %d, ids %.8x", credit, ids.Sum(nil)))
}

// encode writes stories as the golden file has them.
func encode(all []told) ([]byte, error) {
	var out bytes.Buffer
	for _, t := range all {
		data, err := json.Marshal(t.tale)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%s %s\n%s\n%s\n\n", t.id, strings.Join(t.features, " "), data, strings.Join(t.bills, "\n"))
	}
	return out.Bytes(), nil
}

// decode reads them.
func decode(data []byte) ([]told, error) {
	var all []told
	for block := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n\n"), "\n\n") {
		lines := strings.Split(block, "\n")
		head := strings.Fields(lines[0])
		t := told{id: head[0], features: head[1:], bills: lines[2:]}
		if err := json.Unmarshal([]byte(lines[1]), &t.tale); err != nil {
			return nil, fmt.Errorf("%s: %w", t.id, err)
		}
		if t.usedWithoutLength() || strings.Contains(" plain/1532 plain/2540 plain-usage/795 plain-discounts/1419 ", " "+t.id+" ") {
			t.features = append(t.features, "usage_no_length")
		}
		if t.changesToItsPlan() {
			t.features = append(t.features, "same_plan")
		}
		if t.tale.Tax != "" && slices.ContainsFunc(t.bills, func(text string) bool { return strings.Contains(text, " credit -") }) {
			t.features = append(t.features, "tax_credit")
		}
		all = append(all, t)
	}
	return all, nil
}

// usedWithoutLength reports whether usage was billed on a line of no length. Of four
// stories that line was of zero and is not shown; only its tax of zero was.
func (t told) usedWithoutLength() bool {
	return slices.ContainsFunc(t.bills, func(text string) bool {
		span, lines, ok := strings.Cut(text, ": ")
		from, to, isSpan := strings.Cut(span, "..")
		return ok && isSpan && from == to && strings.Contains(lines, " usage ")
	})
}

// changesToItsPlan reports whether a plan was changed to the one in force, with another
// quantity.
func (t told) changesToItsPlan() bool {
	plan := t.tale.Sub.Plan
	for _, a := range t.tale.Actions {
		if a.Do != "change_plan" {
			continue
		}
		if a.To == plan {
			return true
		}
		plan = a.To
	}
	return false
}

func readStories(path string) ([]told, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	zipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(zipped)
	if err != nil {
		return nil, err
	}
	return decode(data)
}

func writeStories(path string, all []told) error {
	data, err := encode(all)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zip.Write(data); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}
