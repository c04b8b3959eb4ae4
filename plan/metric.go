package plan

// Aggregation says how the usage recorded in a period becomes the one quantity
// that is rated. The zero Aggregation is [Sum].
type Aggregation string

const (
	// Sum adds the records of the period. It is the default.
	Sum Aggregation = "sum"
	// Max takes the largest record of the period.
	Max Aggregation = "max"
	// Last takes the latest record of the period.
	Last Aggregation = "last"
)

func (Aggregation) vocabulary() (string, []Aggregation) {
	return "aggregation", []Aggregation{Sum, Max, Last}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Aggregation.
func (a *Aggregation) UnmarshalText(text []byte) error { return parseWord(a, text) }

// Metric declares a kind of usage that charges rate: API calls, gigabytes. A
// charge may name a metric that the plan does not declare; its usage is summed.
type Metric struct {
	// ID names the metric in charges and in usage records.
	ID string `json:"id"`
	// Name is for people. It may be empty.
	Name string `json:"name,omitempty"`
	// Aggregation turns a period's records into one quantity. Empty: [Sum].
	Aggregation Aggregation `json:"aggregation,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (m Metric) Validate() error { return validate(m) }

func (m Metric) check(f faults) {
	f.field("id").id(m.ID)
	f.field("name").name(m.Name)
	word(f.field("aggregation"), m.Aggregation)
}

// MarshalJSON writes a valid metric; an invalid one is an error.
func (m Metric) MarshalJSON() ([]byte, error) { return encode(m, metricCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (m *Metric) UnmarshalJSON(data []byte) error { return decode(data, m, metricCodec) }
