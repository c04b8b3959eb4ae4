package cases

import (
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
)

// Metric says how the records of a usage become one quantity.
type Metric struct {
	ID          string           `json:"id"`
	Aggregation plan.Aggregation `json:"aggregation"` // sum if omitted
	Record      plan.Reading     `json:"record"`      // of a level; if omitted, what the records say, else change
	Carry       bool             `json:"carry"`
}

// DecodeStrict reads a metric.
func (m *Metric) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Metric
	faults := append(n.Decode((*fields)(m)), missing(n, "id")...)
	if m.Aggregation == "" {
		m.Aggregation = plan.Sum
	}
	return faults
}

// weighs reports whether the metric is a level over time.
func (m *Metric) weighs() bool {
	return m.Aggregation == plan.WeightedSum || m.Aggregation == plan.TimeAverage
}

// readings gives each level the reading that its records say, and reports records that say
// another one: all records of a metric are read alike.
func (c *Scenario) readings(n strict.Node) []strict.Fault {
	var faults []strict.Fault
	actions, _ := n.Field("actions")
	for i := range c.Plans {
		for j := range c.Plans[i].Metrics {
			m := &c.Plans[i].Metrics[j]
			for _, action := range actions.Elems() {
				record := plan.Reading(text(action, "record"))
				switch {
				case record == "" || text(action, "of") != m.ID:
				case !m.weighs():
					faults = append(faults, below(action, "record", fault.Unusable.Errorf("only a weighted_sum and a time_average say how records are read")))
				case m.Record == "":
					m.Record = record
				case m.Record != record:
					faults = append(faults, below(action, "record", fault.Inconsistent.Errorf("other records of %q are read as %q", m.ID, m.Record)))
				}
			}
			if m.weighs() && m.Record == "" {
				m.Record = plan.ReadChange
			}
		}
	}
	return faults
}

func metrics(list []Metric) []plan.Metric {
	var out []plan.Metric
	for _, m := range list {
		out = append(out, plan.Metric{ID: m.ID, Aggregation: m.Aggregation, Records: m.Record, Carry: m.Carry})
	}
	return out
}
