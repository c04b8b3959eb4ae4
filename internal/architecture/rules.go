package architecture

import (
	"slices"
	"strings"
)

// Module is the path of the module whose tree is checked.
const Module = "github.com/perennial-billing/perennial"

// arrow is a package of the core and the packages of this module it may import.
type arrow struct {
	from string
	to   []string
}

// rooms are the packages that importers see, each after those it may import.
var rooms = []arrow{
	{from: faultRoom},
	{from: "money"},
	{from: "calendar"},
	{from: "feature", to: []string{"calendar"}},
	{from: "lifecycle"},
	{from: "plan", to: []string{"money", "calendar", "feature"}},
	{from: "subscription", to: []string{"money", "calendar", "feature", "lifecycle", "plan"}},
	{from: "billing", to: []string{"money", "calendar", "plan", "subscription"}},
	{from: "billing/account", to: []string{"money", "calendar", "plan", "subscription", "billing"}},
	{from: "billing/prepaid", to: []string{"money", "calendar", "plan", "subscription", "billing"}},
	{from: "billing/revenue", to: []string{"money", "calendar", "plan", "subscription", "billing"}},
	{from: "billing/collection", to: []string{"money", "calendar", "lifecycle", "subscription", "billing"}},
	{from: "billing/document", to: []string{"money", "calendar", "billing"}},
}

// faultRoom is the leaf of errors. Every room and the foundation may import it.
const faultRoom = "fault"

// foundation is what every room may import: no terms of billing, only arithmetic, the
// rule for text, and the strict reading of decimals and documents.
var foundation = []arrow{
	{from: "internal/arith"},
	{from: "internal/micro"},
	{from: "internal/grow"},
	{from: "internal/dec", to: []string{faultRoom}},
	{from: "internal/strictjson", to: []string{faultRoom, "internal/dec", "internal/micro"}},
	{from: "internal/faults", to: []string{faultRoom, "internal/strictjson"}},
	{from: "internal/text", to: []string{faultRoom}},
	{from: "internal/seam", to: []string{"money", "calendar", "internal/arith"}},
}

// toolbox are the packages of the examples that several of them share.
var toolbox = []string{"examples/strict", "examples/cases", "examples/picture"}

// Arrows returns the allowed imports among the rooms as text, one room a line,
// as ARCHITECTURE.md shows them.
func Arrows() string {
	var b strings.Builder
	for _, room := range rooms {
		if len(room.to) > 0 {
			b.WriteString(room.from + " -> " + strings.Join(room.to, ", ") + "\n")
		}
	}
	return b.String()
}

// isCore reports whether a folder is a room or part of the foundation.
func isCore(folder string) bool {
	_, ok := coreArrows(folder)
	return ok
}

// coreArrows returns the packages of this module that a folder of the core may import.
func coreArrows(folder string) ([]string, bool) {
	for _, a := range foundation {
		if a.from == folder {
			return a.to, true
		}
	}
	for _, a := range rooms {
		if a.from == folder {
			if folder == faultRoom {
				return nil, true
			}
			to := append(slices.Clone(a.to), faultRoom)
			for _, f := range foundation {
				to = append(to, f.from)
			}
			return to, true
		}
	}
	return nil, false
}

// dependency is a module that this one requires directly.
type dependency struct {
	module    string
	packages  []string // what may be imported of it
	testsOnly bool
}

// dependencies are the direct dependencies of the module; ARCHITECTURE.md gives the
// reason for each.
var dependencies = []dependency{
	{module: "github.com/google/uuid", packages: []string{"github.com/google/uuid"}},
	{module: "github.com/shopspring/decimal", packages: []string{"github.com/shopspring/decimal"}},
	{module: "github.com/stretchr/testify", packages: []string{"github.com/stretchr/testify/require"}, testsOnly: true},
	{module: "pgregory.net/rapid", packages: []string{"pgregory.net/rapid"}, testsOnly: true},
}

// standard is what the core may use of the standard library. What is not here
// would bring in the world outside: files, the network, a clock's context, logs.
var standard = []string{
	"bytes", "cmp", "crypto/sha1", "encoding", "encoding/binary", "encoding/hex", "encoding/json",
	"errors", "fmt", "io", "iter", "maps", "math", "math/big", "math/bits", "reflect", "slices", "sort",
	"strconv", "strings", "sync", "time", "unicode", "unicode/utf16", "unicode/utf8",
}

// ban is a set of names of an imported package, and why the core may not use them.
type ban struct {
	names  []string
	except bool // the names are the ones allowed; all others are banned
	why    string
}

// clocks are the names of package time that read the wall clock or wait for it.
var clocks = ban{
	names: []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "Sleep", "NewTimer", "NewTicker"},
	why:   "reads the clock: instants come in as arguments",
}

// bans lists, by import path, what the core may not use of a package it may import.
var bans = map[string][]ban{
	"time": {
		clocks,
		{names: []string{"Local", "LoadLocation"}, why: "depends on the machine: zones come from calendar.LoadZone"},
	},
	"fmt": {{
		names: []string{"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		why:   "does I/O: the core returns values",
	}},
	"io": {{names: []string{"EOF"}, except: true, why: "does I/O: the core returns values"}},
	"github.com/google/uuid": {{
		names: []string{
			"New", "NewString", "NewRandom", "NewRandomFromReader", "NewUUID", "NewV6", "NewV7", "NewV7FromReader",
			"NewDCESecurity", "NewDCEPerson", "NewDCEGroup", "SetRand", "EnableRandPool", "DisableRandPool",
			"GetTime", "ClockSequence", "SetClockSequence", "NodeID", "SetNodeID", "NodeInterface", "SetNodeInterface",
		},
		why: "is random or reads the clock: ids come in as arguments or are derived",
	}},
	"github.com/shopspring/decimal": {
		{names: []string{"NewFromFloat", "NewFromFloat32", "NewFromFloatWithExponent"}, why: "takes a float"},
		{names: []string{"Avg"}, why: "divides to a number of places that a global variable sets"},
	},
	"math": {{
		names: []string{
			"MaxInt", "MaxInt8", "MaxInt16", "MaxInt32", "MaxInt64", "MinInt", "MinInt8", "MinInt16", "MinInt32", "MinInt64",
			"MaxUint", "MaxUint8", "MaxUint16", "MaxUint32", "MaxUint64",
		},
		except: true,
		why:    "works on floats",
	}},
	"math/big": {{names: []string{"Float", "NewFloat", "ParseFloat"}, why: "is a float"}},
	"strconv":  {{names: []string{"ParseFloat", "FormatFloat", "AppendFloat"}, why: "works on floats"}},
}

// methods are methods that the core may not call on any value.
var methods = map[string]string{
	"Float64":        "gives a float",
	"Float32":        "gives a float",
	"InexactFloat64": "gives a float",
	"Seconds":        "gives a float, as a duration's",
	"Minutes":        "gives a float, as a duration's",
	"Hours":          "gives a float, as a duration's",
	"AddDate":        "normalises 31 February to March: calendar owns month arithmetic",
	"Local":          "depends on the machine's zone",
}

// state is what a package of the core may not keep between calls.
var state = map[string][]string{
	"sync":        {"Map", "Mutex", "RWMutex", "Pool", "Cond", "WaitGroup"},
	"sync/atomic": nil, // all of it
}

// drawers are package names that say nothing about the contents.
var drawers = []string{"types", "type", "utils", "util", "common", "commons", "models", "model", "helpers", "misc", "shared", "base"}

// lender is the one function that changes a package variable: seam.Lend, called where
// package variables are made, and nowhere else.
var lender = struct{ folder, function string }{"internal/seam", "Lend"}

// zoneLoader is the one exception to purity: calendar.LoadZone reads the zone
// database and interns what it read, so that one name is one pointer.
var zoneLoader = struct{ room, function string }{"calendar", "LoadZone"}
