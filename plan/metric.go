package plan

import "github.com/perennial-billing/perennial/fault"

// Aggregation says how the usage recorded in a period becomes the one quantity
// that is rated. The zero Aggregation is [Sum]. The package documentation defines each
// exactly.
type Aggregation string

const (
	// Sum adds the records of the period. It is the default.
	Sum Aggregation = "sum"
	// Max takes the largest record of the period.
	Max Aggregation = "max"
	// Last takes the latest record of the period.
	Last Aggregation = "last"
	// RecordCount counts the records of the period, whatever their quantities.
	RecordCount Aggregation = "count"
	// UniqueCount counts the distinct keys of the records that are present at the end. A record
	// of -1 removes its key.
	UniqueCount Aggregation = "unique"
	// Average is the plain mean of the records, whatever lies between them.
	Average Aggregation = "average"
	// WeightedSum adds up a level over time, as a share of the whole period: a level of 10
	// over half a month is 5.
	WeightedSum Aggregation = "weighted_sum"
	// TimeAverage is the mean of a level over the time that was billed: a level of 10 over
	// half a month, if only that was billed, is 10.
	TimeAverage Aggregation = "time_average"
)

func (Aggregation) vocabulary() (string, []Aggregation) {
	return "aggregation", []Aggregation{Sum, Max, Last, RecordCount, UniqueCount, Average, WeightedSum, TimeAverage}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Aggregation.
func (a *Aggregation) UnmarshalText(text []byte) error { return parseWord(a, text) }

// weighsTime reports whether the records say a level that lasts.
func (a Aggregation) weighsTime() bool { return a == WeightedSum || a == TimeAverage }

// Reading says what the records of a level mean. It has no default: read in the other way
// the same records come to other amounts.
type Reading string

const (
	// ReadChange: a record adds its quantity to the level; one below zero takes it off.
	ReadChange Reading = "change"
	// ReadLevel: a record is the level from its instant on.
	ReadLevel Reading = "level"
)

func (Reading) vocabulary() (string, []Reading) {
	return "reading of records", []Reading{ReadChange, ReadLevel}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Reading.
func (r *Reading) UnmarshalText(text []byte) error { return parseWord(r, text) }

// Metric declares a kind of usage that charges rate: API calls, gigabytes. A
// charge may name a metric that the plan does not declare; its usage is summed.
type Metric struct {
	// ID names the metric in charges and in usage records.
	ID string `json:"id"`
	// Name is for people. It may be empty.
	Name string `json:"name,omitempty"`
	// Aggregation turns a period's records into one quantity. Empty: [Sum].
	Aggregation Aggregation `json:"aggregation,omitempty"`
	// Records says how the records of a [WeightedSum] or [TimeAverage] are read, which need
	// it. Empty for the others.
	Records Reading `json:"records,omitempty"`
	// Carry says that the level at the end of a period is that at the start of the next.
	// False: each period starts with none. Only for a [WeightedSum] or [TimeAverage].
	Carry bool `json:"carry,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (m Metric) Validate() error { return validate(m) }

func (m Metric) check(f faults) {
	f.field("id").id(m.ID)
	f.field("name").name(m.Name)
	word(f.field("aggregation"), m.Aggregation)
	records := f.field("records")
	switch weighs := m.Aggregation.weighsTime(); {
	case weighs && m.Records == "":
		records.add(errMissing)
	case !weighs:
		records.require(m.Records == "", fault.Excluded, "only a level is read, of weighted_sum and time_average")
		f.field("carry").require(!m.Carry, fault.Excluded, "only a level is carried, of weighted_sum and time_average")
		return
	}
	word(records, m.Records)
}

// MarshalJSON writes a valid metric; an invalid one is an error.
func (m Metric) MarshalJSON() ([]byte, error) { return encode(m, metricCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (m *Metric) UnmarshalJSON(data []byte) error { return decode(data, m, metricCodec) }
