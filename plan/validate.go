package plan

import (
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
)

// The bounds of a definition. They are wide enough for real plans and narrow enough
// for untrusted documents.
const (
	// MaxIDLen is the longest id, in bytes.
	MaxIDLen = 255
	// MaxNameLen is the longest name, in bytes.
	MaxNameLen = 1024
	// MaxTextLen is the longest description, reference or metadata value, in bytes.
	MaxTextLen = 4096
	// MaxCharges is the largest number of charges of a plan or phase.
	MaxCharges = 200
	// MaxPhases is the largest number of phases of a plan.
	MaxPhases = 50
	// MaxCreditPacks is the largest number of credit packs of a plan.
	MaxCreditPacks = 100
	// MaxMetrics is the largest number of metrics of a plan.
	MaxMetrics = 200
	// MaxMetadata is the largest number of entries of a metadata map.
	MaxMetadata = 1000
	// MaxCycles is the largest number of periods that a phase or a plan may count,
	// and MaxVersion the largest version of a plan.
	MaxCycles  = 1_000_000
	MaxVersion = 1_000_000_000
)

// faults collects the faults of a definition at a path.
type faults struct {
	path string
	list *[]*fault.FieldError
}

func (f faults) field(name string) faults { return faults{strictjson.Key(f.path, name), f.list} }
func (f faults) index(i int) faults       { return faults{strictjson.Index(f.path, i), f.list} }

// maxFaults bounds the list, because a document may consist of faults only. It is more
// than are joined.
const maxFaults = 2000

func (f faults) add(err error) {
	if len(*f.list) < maxFaults {
		*f.list = append(*f.list, fault.At(f.path, err))
	}
}

// wrap adds a fault, if there is one.
func (f faults) wrap(err error) {
	if err != nil {
		f.add(err)
	}
}

func (f faults) addf(code fault.Code, format string, args ...any) {
	f.add(code.Errorf(format, args...))
}

// require adds a fault unless ok.
func (f faults) require(ok bool, code fault.Code, message string) {
	if !ok {
		f.addf(code, "%s", message)
	}
}

// below adds faults whose paths are relative to this one.
func (f faults) below(list []*fault.FieldError) {
	for _, e := range list {
		f.add(e)
	}
}

// definition is anything that can be checked for faults.
type definition interface{ check(f faults) }

// faultsOf returns all faults of a definition, with paths relative to it.
func faultsOf[D definition](d D) []*fault.FieldError {
	var list []*fault.FieldError
	d.check(faults{list: &list})
	return list
}

// validate returns all faults of a definition joined, or nil.
func validate[D definition](d D) error { return strictjson.JoinErrors(faultsOf(d)) }

// id checks a name by which programs refer to something.
func (f faults) id(id string) { f.wrap(text.ID(id, MaxIDLen)) }

// name checks a name for people, which may be missing.
func (f faults) name(name string) { f.wrap(text.Name(name, MaxNameLen)) }

// note checks a longer text, which may have several lines.
func (f faults) note(s string) { f.wrap(text.Note(s, MaxTextLen)) }

// atMost checks the number of elements.
func (f faults) atMost(n, limit int) {
	if n > limit {
		f.addf(fault.TooMany, "must not have more than %d elements", limit)
	}
}

// unique records ids and adds a fault for a repeated one.
func (f faults) unique(seen map[string]bool, id string) {
	if id != "" && seen[id] {
		f.addf(fault.Duplicate, "%q is used more than once", id)
	}
	seen[id] = true
}

// metadata checks what the library stores and never reads.
func (f faults) metadata(m map[string]string) {
	f.atMost(len(m), MaxMetadata)
	for _, key := range sortedKeys(m) {
		entry := f.field(key)
		entry.id(key)
		entry.note(m[key])
	}
}
