package architecture_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/architecture"
)

// root is the root of the module as seen from this package's folder.
const root = "../.."

func TestThisModuleKeepsItsRules(t *testing.T) {
	t.Parallel()
	faults, err := architecture.Check(os.DirFS(root))
	require.NoError(t, err)
	require.Empty(t, lines(faults))
}

func TestTheArchitecturePageShowsTheArrowsThatAreChecked(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/ARCHITECTURE.md")
	require.NoError(t, err)
	require.Contains(t, string(page), architecture.Arrows())
}

func TestTheFilesThatTheArchitecturePageNamesExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/ARCHITECTURE.md")
	require.NoError(t, err)
	named := regexp.MustCompile("`([a-z]+/[a-z_/]+(?:\\.go)?)`").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, named)
	for _, name := range named {
		_, err := os.Stat(root + "/" + name[1])
		require.NoError(t, err)
	}
}

func TestASmallCleanTreeHasNoFaults(t *testing.T) {
	t.Parallel()
	faults, err := architecture.Check(clean())
	require.NoError(t, err)
	require.Empty(t, lines(faults))
}

func TestEachRuleCanFail(t *testing.T) {
	t.Parallel()
	const own = `"` + architecture.Module + `/`
	for _, test := range []struct {
		name string
		file string
		text string
		want []string // what the faults contain, in order
	}{
		// Arrows.
		{"money imports a room", "money/x.go", `import _ ` + own + `calendar"`, []string{"no arrow leads from money to calendar"}},
		{"plan imports what stands above it", "plan/x.go", `import _ ` + own + `subscription"`, []string{"no arrow leads from plan to subscription"}},
		{"a room imports the landing page", "plan/x.go", `import _ "` + architecture.Module + `"`, []string{"no arrow leads from plan to the root"}},
		{"a room imports an internal package outside the foundation", "plan/x.go", `import _ ` + own + `internal/golden"`, []string{"no arrow leads from plan to internal/golden"}},
		{"a room imports an example", "billing/x.go", `import _ ` + own + `examples/story"`, []string{"an example holds nothing that another package needs"}},
		{"an example uses a part of another", "examples/story/x.go", `import _ ` + own + `examples/other/shared"`, []string{"an example holds nothing that another package needs"}},
		{"an example imports the foundation", "examples/story/x.go", `import _ ` + own + `internal/dec"`, []string{"an example imports what any importer can"}},
		{"a test of an example imports a helper", "examples/story/x_test.go", `import _ ` + own + `internal/golden"`, []string{"an example imports what any importer can"}},
		{"what examples share imports the foundation", "examples/strict/x.go", `import _ ` + own + `internal/strictjson"`, []string{"an example imports what any importer can"}},
		{"a room imports what examples share", "plan/x_test.go", `import _ ` + own + `examples/cases"`, []string{"an example holds nothing that another package needs"}},
		{"the foundation imports a room", "internal/dec/x.go", `import _ ` + own + `money"`, []string{"no arrow leads from internal/dec to money, only to fault"}},
		{"the leaf of errors imports a room", "fault/x.go", `import _ ` + own + `money"`, []string{"no arrow leads from fault to any package"}},
		{"the leaf of errors imports the foundation", "fault/x.go", `import _ ` + own + `internal/dec"`, []string{"no arrow leads from fault to any package"}},
		{"the foundation imports across", "internal/strictjson/x.go", `import _ ` + own + `internal/arith"`, []string{"no arrow leads from internal/strictjson to internal/arith, only to fault, internal/dec, internal/micro"}},
		{"a test of a room imports what stands above it", "money/x_test.go", `import _ ` + own + `plan"`, []string{"no arrow leads from money to plan"}},
		{"the landing page imports a room", "x.go", `import _ ` + own + `money"`, []string{"the landing page imports nothing"}},
		{"a dot import", "plan/x.go", `import . ` + own + `money"`, []string{"with a dot"}},
		// Dependencies.
		{"a dependency outside the list", "plan/x.go", `import _ "github.com/samber/lo"`, []string{"github.com/samber/lo: not in the list of dependencies"}},
		{"a dependency outside the list in a test", "plan/x_test.go", `import _ "github.com/google/go-cmp/cmp"`, []string{"not in the list of dependencies"}},
		{"a package beside the ones listed", "calendar/x.go", `import _ "github.com/shopspring/decimal/x"`, []string{"not in the list of dependencies"}},
		{"assert in a test", "plan/x_test.go", `import _ "github.com/stretchr/testify/assert"`, []string{"not in the list of dependencies"}},
		{"a test library outside tests", "plan/x.go", `import _ "pgregory.net/rapid"`, []string{"pgregory.net/rapid: for tests only"}},
		{"a dependency outside the list in an example", "examples/story/x.go", `import _ "github.com/lib/pq"`, []string{"not in the list of dependencies"}},
		{"a new requirement", "go.mod", "require github.com/lib/pq v1.0.0", []string{"requires github.com/lib/pq"}},
		{"a new requirement in a block", "go.mod", "require (\n\tgithub.com/lib/pq v1.0.0\n)", []string{"requires github.com/lib/pq"}},
		{"a replacement", "go.mod", "replace github.com/google/uuid => ../uuid", []string{"a replace directive"}},
		{"a tool line", "go.mod", "tool (\n\tmvdan.cc/gofumpt\n)", []string{"a tool directive", "a tool directive"}},
		{"another module path", "go.mod", "module example.com/other", []string{"the module is not"}},
		// Purity.
		{"files", "plan/x.go", `import _ "os"`, []string{"imports os: not in the list"}},
		{"a context", "billing/x.go", `import _ "context"`, []string{"imports context: not in the list"}},
		{"a logger", "billing/x.go", `import _ "log/slog"`, []string{"imports log/slog: not in the list"}},
		{"writers", "billing/x.go", "import \"io\"\nfunc f(w io.Writer) {}", []string{"io.Writer does I/O"}},
		{"the operating system's calls", "billing/x.go", `import _ "syscall"`, []string{"imports syscall: not in the list"}},
		{"random numbers", "feature/x.go", `import _ "math/rand/v2"`, []string{"imports math/rand/v2: not in the list"}},
		{"secret random numbers", "feature/x.go", `import _ "crypto/rand"`, []string{"imports crypto/rand: not in the list"}},
		{"unsafe memory outside the core", "internal/golden/x.go", `import _ "unsafe"`, []string{"plain Go"}},
		{"the clock", "lifecycle/x.go", "import \"time\"\nvar start = time.Now()", []string{"time.Now reads the clock"}},
		{"the clock under another name", "billing/x.go", "import t \"time\"\nfunc f(at t.Time) t.Duration { return t.Since(at) }", []string{"time.Since reads the clock"}},
		{"the clock as a value", "billing/x.go", "import \"time\"\nfunc f() func() time.Time { return time.Now }", []string{"time.Now reads the clock"}},
		{"until now", "billing/x.go", "import \"time\"\nfunc f(at time.Time) time.Duration { return time.Until(at) }", []string{"time.Until reads the clock"}},
		{"waiting", "billing/x.go", "import \"time\"\nfunc f() { time.Sleep(1); <-time.After(1); <-time.Tick(1); time.NewTimer(1) }", []string{"time.Sleep", "time.After", "time.Tick", "time.NewTimer"}},
		{"the machine's zone", "calendar/x.go", "import \"time\"\nvar here = time.Local", []string{"time.Local depends on the machine"}},
		{"the machine's zone by method", "calendar/x.go", "import \"time\"\nfunc f(at time.Time) time.Time { return at.Local() }", []string{"method Local depends on the machine"}},
		{"the zone database outside LoadZone", "calendar/x.go", "import \"time\"\nfunc Zone(n string) { time.LoadLocation(n) }", []string{"time.LoadLocation depends on the machine"}},
		{"the zone database outside calendar", "plan/x.go", "import \"time\"\nfunc LoadZone(n string) { time.LoadLocation(n) }", []string{"time.LoadLocation depends on the machine"}},
		{"the clock in a test", "money/x_test.go", "import \"time\"\nfunc f() { time.Sleep(1); time.Now() }", []string{"time.Sleep in a test", "time.Now in a test"}},
		{"printing", "plan/x.go", "import \"fmt\"\nfunc f() { fmt.Println(); println(1) }", []string{"fmt.Println does I/O", "println does I/O"}},
		{"a random id", "subscription/x.go", "import \"github.com/google/uuid\"\nvar id, _ = uuid.New(), uuid.NewString()", []string{"uuid.New is random", "uuid.NewString is random"}},
		{"a random id with a clock", "subscription/x.go", "import \"github.com/google/uuid\"\nfunc f() { uuid.NewV7(); uuid.NewRandom() }", []string{"uuid.NewV7 is random", "uuid.NewRandom is random"}},
		{"a goroutine", "billing/x.go", "func f() { go f() }", []string{"starts a goroutine"}},
		{"a select", "billing/x.go", "func f(c chan int) { select { case <-c: } }", []string{"waits on channels"}},
		{"a panic", "plan/x.go", "func Compile() { panic(1) }", []string{"panics outside a function named Must"}},
		{"a panic in a variable", "plan/x.go", "var f = func() { panic(1) }", []string{"panics outside a function named Must"}},
		{"a panic in a helper of the foundation", "internal/dec/x.go", "func f() { panic(1) }", []string{"panics outside a function named Must"}},
		// Exactness.
		{"a float type", "money/x.go", "func f(x float64) float32 { return 0 }", []string{"float64: no floats", "float32: no floats"}},
		{"a conversion to a float", "feature/x.go", "func f(n int) bool { return float64(n) > 1 }", []string{"float64: no floats"}},
		{"a float literal", "plan/x.go", "const rate = 0.19", []string{"0.19 is a float literal"}},
		{"a float literal that is a whole number", "plan/x.go", "func f() { x := 1e9; _ = x }", []string{"1e9 is a float literal"}},
		{"a decimal of a float", "plan/x.go", "import \"github.com/shopspring/decimal\"\nvar d = decimal.NewFromFloat(1)", []string{"decimal.NewFromFloat takes a float"}},
		{"a float of a decimal", "calendar/x.go", "func f(d interface{ Float64(); InexactFloat64() }) { d.Float64(); d.InexactFloat64() }", []string{"method Float64 gives a float", "method InexactFloat64 gives a float"}},
		{"a duration in hours", "calendar/x.go", "import \"time\"\nfunc f(d time.Duration) { _ = d.Hours() }", []string{"method Hours gives a float"}},
		{"floating mathematics", "money/x.go", "import \"math\"\nvar x = math.Floor(1)", []string{"math.Floor works on floats"}},
		{"a parsed float", "money/x.go", "import \"strconv\"\nfunc f(s string) { strconv.ParseFloat(s, 64) }", []string{"strconv.ParseFloat works on floats"}},
		{"a quotient of limited places", "plan/x.go", "import \"github.com/shopspring/decimal\"\nfunc f(a, b decimal.Decimal) decimal.Decimal { return a.Div(b) }", []string{"method Div of a decimal"}},
		{"month arithmetic that normalises", "plan/x.go", "import \"time\"\nfunc f(t time.Time) time.Time { return t.AddDate(0, 1, 0) }", []string{"method AddDate normalises"}},
		// State.
		{"another package's setting", "money/x.go", "import \"github.com/shopspring/decimal\"\nfunc f() { decimal.DivisionPrecision = 40 }", []string{"assigns to decimal.DivisionPrecision"}},
		{"another package's setting by address", "money/x.go", "import \"github.com/shopspring/decimal\"\nvar p = &decimal.MarshalJSONWithoutQuotes", []string{"takes the address of decimal.MarshalJSONWithoutQuotes"}},
		{"an exported variable", "plan/x.go", "var Precision = 16", []string{"var Precision: importers could change it"}},
		{"an exported variable that only looks like an error", "plan/x.go", "var ErrCount = 0", []string{"var ErrCount: importers could change it"}},
		{"an error without a class", "plan/x.go", "import \"errors\"\nvar ErrNoTier = errors.New(\"plan: no tier\")", []string{"var ErrNoTier: importers could change it"}},
		{"a counter", "billing/x.go", "var n int\nfunc f() { n++ }", []string{"changes the package-level variable n"}},
		{"a registry", "money/x.go", "var known = map[string]int{}\nfunc f() { known[\"X\"] = 1; delete(known, \"Y\") }", []string{"assigns to the package-level variable known", "deletes the package-level variable known"}},
		{"a field of a global", "money/x.go", "var table struct{ rows [4]struct{ n int } }\nfunc f() { table.rows[1].n = 2 }", []string{"assigns to the package-level variable table"}},
		{"a lock", "plan/x.go", "import \"sync\"\nvar mu sync.Mutex", []string{"sync.Mutex is state that outlives a call"}},
		// Names.
		{"a getter", "plan/x.go", "type T struct{}\nfunc (T) GetName() string { return \"\" }", []string{"GetName: a name says what it gives"}},
		{"a getter in an interface", "internal/golden/x.go", "type T interface{ GetName() string }", []string{"GetName: a name says what it gives"}},
		{"a drawer", "internal/utils/x.go", "", []string{"package utils"}},
		{"a drawer of tests", "internal/common/x_test.go", "", []string{"package common"}},
		{"prose that is too wide", "plan/x.go", "// " + strings.Repeat("a", 118), []string{"is 121 columns wide, and may be 120"}},
		{"code that is too wide", "examples/nested/x.go", "var x = 1" + strings.Repeat(" + 1", 48), []string{"is 201 columns wide, and may be 200"}},
		{"a path of a machine", "docs/x.md", "see /ho" + "me/ann/notes.txt", []string{"names a path of a machine: /ho" + "me/ann/notes.txt"}},
		{"an internal package in a nested module", "examples/nested/x_test.go", `import _ ` + own + `internal/golden"`, []string{"internal/golden: a module of its own imports what any importer can"}},
		{"a path of a machine in a nested module", "examples/nested/x.go", "// /ro" + "ot/go", []string{"names a path of a machine"}},
		{"a path of a machine on another system", "x.md", `run C:\Us` + `ers\ann\go.exe`, []string{"names a path of a machine"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tree := clean()
			text := test.text
			switch folder, _, _ := strings.Cut(test.file, "/"); {
			case strings.HasSuffix(test.file, ".go"):
				if !strings.HasPrefix(text, "package ") {
					text = "package " + packageOf(test.file) + "\n" + text
				}
			case folder == "go.mod":
				text = "module " + architecture.Module + "\n" + text
			}
			tree[test.file] = &fstest.MapFile{Data: []byte(text)}
			faults, err := architecture.Check(tree)
			require.NoError(t, err)
			got := lines(faults)
			require.Len(t, got, len(test.want), "%s", got)
			for i, want := range test.want {
				require.True(t, strings.HasPrefix(got[i], test.file+":"), got[i])
				require.Contains(t, got[i], want)
			}
		})
	}
}

func TestWhatTheRulesAllow(t *testing.T) {
	t.Parallel()
	const own = `"` + architecture.Module + `/`
	for _, test := range []struct{ name, file, text string }{
		{"a room and the foundation import the leaf of errors", "money/x.go", `import _ ` + own + `fault"`},
		{"a document in a comment is as wide as it is", "money/x.go", "//\t" + strings.Repeat("a", 300)},
		{"and so is a row of a table of tests", "money/x_test.go", "var x = 1" + strings.Repeat(" + 1", 100)},
		{"a room imports the foundation", "feature/x.go", `import _ ` + own + `internal/strictjson"`},
		{"an external test imports its own package and a test helper", "plan/x_test.go", `import ( _ ` + own + `plan"; _ ` + own + `internal/golden"; _ "os"; _ "pgregory.net/rapid")`},
		{"an internal package imports any room", "internal/golden/x.go", `import ( _ ` + own + `billing"; _ "os"; _ "github.com/stretchr/testify/require")`},
		{"an example imports any room, the clock and files", "examples/story/x.go", "import ( _ " + own + "billing\"; _ \"os\"; \"time\")\nvar now = time.Now()"},
		{"a package of a large example uses another of the same", "examples/story/part/x.go", "import _ " + own + "examples/story/shared\""},
		{"examples use what they share", "examples/story/x.go", "import ( _ " + own + "examples/cases\"; _ " + own + "examples/strict\" )"},
		{"an external test imports any room, as an importer would", "billing/x_test.go", "package billing_test\nimport _ " + own + "lifecycle\""},
		{"a room lends another what is not on its page", "internal/seam/x.go", "var lent []any\nfunc Lend(t any) bool { lent = append(lent, t); return true }"},
		{"the zone loader reads the zone database and interns", "calendar/x.go", "import ( \"sync\"; \"time\" )\nvar zones sync.Map\nfunc LoadZone(n string) { time.LoadLocation(n); zones.Load(n) }"},
		{"a panic in a function for hard-coded values", "money/x.go", "func MustParse() { panic(1) }"},
		{"a table of powers of ten", "money/x.go", "var powers = [...]uint64{1e0, 1e1, 1e19}"},
		{"limits of integers", "money/x.go", "import \"math\"\nconst most = math.MaxInt64"},
		{"a big number's quotient", "internal/arith/x.go", "import \"math/big\"\nfunc f(a, b *big.Int) { new(big.Int).Div(a, b) }"},
		{"the end of a document", "plan/x.go", "import \"io\"\nvar end = func(err error) bool { return err == io.EOF }"},
		{"a size in a test", "calendar/x_test.go", "import \"unsafe\"\nvar size = unsafe.Sizeof(0)"},
		{"an error to compare with", "plan/x.go", "import \"" + architecture.Module + "/fault\"\nvar ( ErrNoTier = fault.New(fault.Refused, \"plan: no tier\"); ErrWord = fault.UnknownWord.Errorf(\"plan: no word\") )"},
		{"a local that shadows a table or an import", "plan/x.go", "var n int\nfunc f() { n := n; n++; time := T{}; time.Now() }\ntype T struct{}\nfunc (T) Now() {}"},
		{"an id by name", "billing/x.go", "import \"github.com/google/uuid\"\nvar id = uuid.NewSHA1(uuid.Nil, nil)"},
		{"a word that begins with Get", "feature/x.go", "func Getaway() {}"},
		{"a float in a test", "plan/x_test.go", "var ratio = float64(1) / 3.0"},
		{"a link with a machine's word in it", "docs/x.md", "https://example.com/ho" + "me/page and w/ wo" + "rk/ and home/"},
		{"a path of a machine in what a failing property wrote down", "plan/testdata/rapid/TestX/x.fail", "# /ro" + "ot/go"},
		{"a worktree", ".git", "gitdir: /ho" + "me/ann/x/.git/worktrees/x"},
		{"another module's imports", "examples/nested/x.go", `import ( _ "github.com/lib/pq"; _ ` + own + `billing"; _ ` + own + `examples/nested/internal/part" )`},
		{"sources kept as test data", "plan/testdata/x.go", `import _ "os"`},
		{"an indirect requirement", "go.mod", "require (\n\tgithub.com/davecgh/go-spew v1.1.1 // indirect\n\tgithub.com/google/uuid v1.6.0\n)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tree := clean()
			text := test.text
			if strings.HasSuffix(test.file, ".go") {
				if !strings.HasPrefix(text, "package ") {
					text = "package " + packageOf(test.file) + "\n" + text
				}
			}
			tree[test.file] = &fstest.MapFile{Data: []byte(text)}
			faults, err := architecture.Check(tree)
			require.NoError(t, err)
			require.Empty(t, lines(faults))
		})
	}
}

func TestARoomThatIsGoneIsReported(t *testing.T) {
	t.Parallel()
	tree := clean()
	delete(tree, "calendar/doc.go")
	tree["calendar/x_test.go"] = &fstest.MapFile{Data: []byte("package calendar")}
	faults, err := architecture.Check(tree)
	require.NoError(t, err)
	require.Equal(t, []string{"calendar: the package is missing"}, lines(faults))
}

func TestAStateInAnotherFileOfTheRoomIsFound(t *testing.T) {
	t.Parallel()
	tree := clean()
	tree["money/a.go"] = &fstest.MapFile{Data: []byte("package money\nvar seen int")}
	tree["money/b.go"] = &fstest.MapFile{Data: []byte("package money\nfunc f() { seen = 1 }")}
	tree["plan/b.go"] = &fstest.MapFile{Data: []byte("package plan\nfunc f() { seen := 1; seen = 2 }")}
	faults, err := architecture.Check(tree)
	require.NoError(t, err)
	require.Equal(t, []string{"money/b.go:2: assigns to the package-level variable seen: the core keeps no state"}, lines(faults))
}

func TestASourceThatDoesNotParseIsAnError(t *testing.T) {
	t.Parallel()
	tree := clean()
	tree["money/x.go"] = &fstest.MapFile{Data: []byte("package money\nfunc {")}
	_, err := architecture.Check(tree)
	require.ErrorContains(t, err, "money/x.go:2")
}

// clean returns a tree that keeps every rule and does nothing.
func clean() fstest.MapFS {
	tree := fstest.MapFS{"examples/nested/go.mod": {Data: []byte("module example.com/nested\n")}}
	for _, folder := range []string{
		"fault", "money", "calendar", "feature", "lifecycle", "plan", "subscription", "billing", "billing/account", "billing/prepaid",
		"billing/revenue", "billing/collection", "billing/document",
		"internal/arith", "internal/dec", "internal/grow", "internal/micro", "internal/strictjson", "internal/faults", "internal/text", "internal/seam",
	} {
		tree[folder+"/doc.go"] = &fstest.MapFile{Data: []byte("package " + packageOf(folder+"/doc.go"))}
	}
	return tree
}

// packageOf returns the package name that a file would have: that of its folder.
func packageOf(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) == 1 {
		return "perennial"
	}
	return parts[len(parts)-2]
}

func lines(faults []architecture.Fault) []string {
	var out []string
	for _, fault := range faults {
		out = append(out, fault.String())
	}
	return out
}
