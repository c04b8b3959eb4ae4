package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/plan"
)

// vocabulary is one API: how it describes a subscription's state, and the members of
// its document that do.
type vocabulary struct {
	name    string
	members []string
	encode  func(moment, wire.Mode) (any, error)
}

// vocabularies returns the four, in the order of the columns.
func vocabularies() []vocabulary {
	shop := cgscanning.Shop{Products: map[string]plan.Product{"scanning": {Code: "scanning", Name: "Scanning"}}}
	return []vocabulary{
		{
			"cgscanning",
			[]string{
				"status", "billing_interval", "price", "start_date", "trial_enabled", "trial_duration_days", "end_date", "auto_renewal",
				"cancellation_reason", "features.number_of_ips.limit", "features.rescan.num_of_rescans", "features.rescan.unit",
			},
			func(m moment, mode wire.Mode) (any, error) { return shop.Encode(m.sub, m.at, mode) },
		},
		{
			"probely",
			[]string{
				"subscription_status", "plan.period_unit", "plan.charge_model", "plan.price", "has_used_trial", "trial_end", "next_billing_at",
				"next_billing_amount", "plan_amount", "plan.allowed_builtin_scan_profiles", "max_ultd_targets", "number_used_ultd_targets",
				"number_available_ultd_targets", "number_available_ultd_targets_minus_team_quotas",
			},
			func(m moment, mode wire.Mode) (any, error) {
				return probely.Encode(m.sub, probely.Facts{Seats: seats()}, m.at, mode)
			},
		},
		{
			"revenium",
			[]string{
				"name", "recurringCharge", "start", "trialEnd", "currentPeriodStart", "currentPeriodEnd", "expiration",
				"quotaNotificationThreshold", "overQuota",
			},
			func(m moment, mode wire.Mode) (any, error) {
				return revenium.Encode(m.sub, revenium.Facts{Quota: m.used}, m.at, mode)
			},
		},
		{
			"elasticpath",
			[]string{
				"data.meta.status", "data.meta.canceled", "data.meta.paused", "data.meta.closed", "data.meta.state.attributes.action",
				"data.meta.timestamps.end_date", "data.meta.invoice_after",
			},
			func(m moment, mode wire.Mode) (any, error) { return elasticpath.Store{}.Encode(m.sub, m.at, mode) },
		},
	}
}

// say returns a moment in all vocabularies: the lines of each column.
func say(m moment) ([][]string, error) {
	var columns [][]string
	for _, v := range vocabularies() {
		document, err := v.encode(m, wire.Lossy)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
		lines := []string{v.name, strings.Repeat("-", len(v.name))}
		for _, path := range v.members {
			value, err := member(document, path)
			if err != nil {
				return nil, err
			}
			label, ok := strings.CutPrefix(path, "features.")
			if !ok {
				label = path[strings.LastIndex(path, ".")+1:]
			}
			lines = append(lines, label+": "+value)
		}
		if _, err := v.encode(m, wire.Strict); errors.Is(err, wire.ErrNotRepresentable) {
			lines = append(lines, unsaid(err)...)
		} else if err != nil {
			return nil, err
		}
		columns = append(columns, lines)
	}
	return columns, nil
}

// unsaid returns what a vocabulary cannot express, one a line.
func unsaid(err error) []string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		_, what, _ := strings.Cut(strings.TrimSpace(line), ": ")
		lines = append(lines, "! "+what)
	}
	return lines
}

// member returns a member of a document as it is written; a dash if it is left out.
func member(document any, path string) (string, error) {
	data, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	for name := range strings.SplitSeq(path, ".") {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			return "", err
		}
		if data = members[name]; data == nil {
			return "-", nil
		}
	}
	var text bytes.Buffer
	if err := json.Compact(&text, data); err != nil {
		return "", err
	}
	return strings.Trim(text.String(), `"`), nil
}

// width is the width of a column.
const width = 42

// show prints a moment: what the engine says, and the columns below it.
func show(out io.Writer, m moment, columns [][]string) error {
	next, err := billing.Next(m.sub, nil, billing.Checkpoint{}, m.at)
	if err != nil {
		return err
	}
	bill := "no bill is foreseen"
	if !next.At.IsZero() {
		bill = fmt.Sprintf("next bill: %s on %s", next.Amount, calendar.FormatInstant(next.At))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n%s; %s\n\n", calendar.FormatInstant(m.at), m.what, m.sub.Status(m.at), bill)
	rows := 0
	for i := range columns {
		columns[i] = folded(columns[i])
		rows = max(rows, len(columns[i]))
	}
	for row := range rows {
		var line strings.Builder
		for _, column := range columns {
			cell := ""
			if row < len(column) {
				cell = column[row]
			}
			fmt.Fprintf(&line, "%-*s", width, cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err = io.WriteString(out, b.String()+"\n\n")
	return err
}

// folded breaks lines that are wider than a column.
func folded(lines []string) []string {
	var all []string
	for _, line := range lines {
		for len(line) > width-2 {
			at := strings.LastIndexAny(line[:width-2], " _") + 1
			if at <= 3 {
				break
			}
			all = append(all, strings.TrimRight(line[:at], " "))
			line = "  " + line[at:]
		}
		all = append(all, line)
	}
	return all
}
