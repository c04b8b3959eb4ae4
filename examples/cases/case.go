package cases

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// Case is one case of a file, read but not yet put to the engine.
type Case struct {
	id     string
	body   body
	reason string // why there is no body
}

// body is a case of one kind: Amount, Schedule, Proration, Scenario, Account,
// Recognition, Standing or DueDate.
type body interface {
	settle(n strict.Node) []strict.Fault // fills in defaults, checks what the types cannot
	run() answer
}

// Header is what every case has.
type Header struct {
	ID     string `json:"id"`
	Source string `json:"source"` // where the fact stands
	Kind   string `json:"kind"`
	Note   string `json:"note"` // what a reader should know

	Currency money.Currency `json:"currency"`  // USD if omitted
	Zone     calendar.Zone  `json:"time_zone"` // UTC if omitted
	Rounding money.Rounding `json:"rounding"`  // half_up if omitted
}

func (h *Header) settle(n strict.Node) []strict.Fault {
	h.defaults(n)
	return missing(n, "id", "kind")
}

// defaults fills in what the case leaves out.
func (h *Header) defaults(n strict.Node) {
	if !has(n, "currency") {
		h.Currency = money.USD
	}
	if !has(n, "rounding") {
		h.Rounding = money.HalfUp
	}
}

// The bounds of a file and of one case. A scenario of years is long; nothing that
// a person wrote is longer.
const maxFile = 64 << 20

var limits = strict.Limits{Size: 1 << 20, Faults: 20}

// Read reads the cases of a file, in their order. It returns an error if the
// file as a whole is not a JSON array; a case that cannot be read is among the
// cases, and [Run] says why it is unsupported.
func Read(data []byte) ([]Case, error) {
	if len(data) > maxFile {
		return nil, fault.TooLong.Errorf("cases: a file of %d bytes: must have at most %d", len(data), maxFile)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("cases: not an array of cases: %w", err)
	}
	if raw == nil {
		return nil, errors.New("cases: not an array of cases: null")
	}
	cases := make([]Case, len(raw))
	seen := map[string]int{}
	for i, document := range raw {
		c := read(bytes.TrimSpace(document))
		if first, repeated := seen[c.id]; repeated && c.id != "" {
			c.body, c.reason = nil, fmt.Sprintf("id: case #%d of the file has it too", first+1)
		} else {
			seen[c.id] = i
		}
		if c.id == "" {
			c.id = fmt.Sprintf("#%d", i+1)
		}
		cases[i] = c
	}
	return cases, nil
}

// read reads one case.
func read(document []byte) Case {
	n, faults := strict.Parse(document, limits)
	if n.Kind() == strict.Absent {
		return Case{reason: reason(faults)}
	}
	id, kind := text(n, "id"), text(n, "kind")
	words := unbuilt(n)
	faults = append(faults, strange(n)...)
	var b body
	switch {
	case n.Kind() != strict.Object:
		return Case{reason: "a case must be an object"}
	case kind == "amount":
		b = &Amount{}
	case kind == "schedule":
		b = &Schedule{}
	case kind == "proration":
		b = &Proration{}
	case kind == "scenario":
		b = &Scenario{}
	case kind == "account":
		b = &Account{}
	case kind == "recognition":
		b = &Recognition{}
	case kind == "standing":
		b = &Standing{}
	case kind == "due_date":
		b = &DueDate{}
	case len(faults) == 0 && has(n, "kind"):
		return Case{id: id, reason: fmt.Sprintf("kind: unknown kind %q", kind)}
	default:
		return Case{id: id, reason: reason(append(faults, missing(n, "kind")...))}
	}
	faults = withUnbuilt(words, append(faults, n.Decode(b)...))
	if len(faults) == 0 { // what could not be read has no defaults
		faults = b.settle(n)
	}
	if len(faults) > 0 {
		return Case{id: id, reason: reason(faults)}
	}
	return Case{id: id, body: b}
}

// Run puts a case to the engine.
func Run(c Case) Result {
	a := unsupported(c.reason)
	if c.body != nil {
		a = c.body.run()
	}
	return Result{ID: c.id, Verdict: a.verdict, Got: a.got, Want: a.want, Reason: a.reason}
}

// ID returns the id of the case, or "#3" for the third case of a file if it has
// none.
func (c Case) ID() string { return c.id }

// Kind returns the kind of the case, or "" if it could not be read.
func (c Case) Kind() string {
	switch c.body.(type) {
	case *Amount:
		return "amount"
	case *Schedule:
		return "schedule"
	case *Proration:
		return "proration"
	case *Scenario:
		return "scenario"
	case *Account:
		return "account"
	case *Recognition:
		return "recognition"
	case *Standing:
		return "standing"
	case *DueDate:
		return "due_date"
	}
	return ""
}

// reason lists faults in one line, each once.
func reason(faults []strict.Fault) string {
	var lines []string
	for _, fault := range faults {
		if line := fault.Error(); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
