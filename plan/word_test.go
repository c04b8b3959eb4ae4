package plan_test

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/plan"
)

// enum is what every enum of the package can do.
type enum interface {
	IsValid() bool
	encoding.TextMarshaler
}

// wordsOf returns an enum's list in a form that can be compared, and a decoder.
func wordsOf[T interface {
	~string
	enum
}, P interface {
	*T
	encoding.TextUnmarshaler
}](all func() []T,
) enumTest {
	e := enumTest{valid: func(s string) bool { return T(s).IsValid() }}
	for _, w := range all() {
		e.words = append(e.words, string(w))
	}
	e.fresh = func() bool {
		all()[0] = "changed"
		return all()[0] != "changed"
	}
	e.encode = func(s string) (string, error) {
		text, err := T(s).MarshalText()
		return string(text), err
	}
	e.decode = func(s string) (string, error) {
		v := T("as it was")
		err := P(&v).UnmarshalText([]byte(s))
		return string(v), err
	}
	return e
}

type enumTest struct {
	words          []string
	valid          func(string) bool
	fresh          func() bool
	encode, decode func(string) (string, error)
}

func definitionEnums() map[string]enumTest {
	return map[string]enumTest{
		"Timing":        wordsOf(plan.Timings),
		"Aggregation":   wordsOf(plan.Aggregations),
		"Permission":    wordsOf(plan.Permissions),
		"TrialEnd":      wordsOf(plan.TrialEnds),
		"LengthFrom":    wordsOf(plan.LengthFroms),
		"LastPeriod":    wordsOf(plan.LastPeriods),
		"EndBehavior":   wordsOf(plan.EndBehaviors),
		"UnusedCredit":  wordsOf(plan.UnusedCredits),
		"CreditBasis":   wordsOf(plan.CreditBases),
		"ChargeNew":     wordsOf(plan.ChargeNews),
		"Collect":       wordsOf(plan.Collects),
		"Anchor":        wordsOf(plan.Anchors),
		"FirstPeriod":   wordsOf(plan.FirstPeriods),
		"Negative":      wordsOf(plan.Negatives),
		"DiscountSplit": wordsOf(plan.DiscountSplits),
		"ZeroInvoices":  wordsOf(plan.ZeroInvoiceChoices),
		"TaxRounding":   wordsOf(plan.TaxRoundings),
		"UsageBounds":   wordsOf(plan.UsageBoundsChoices),
		"UsageCount":    wordsOf(plan.UsageCounts),
		"Duration":      wordsOf(plan.Durations),
	}
}

// stringTypes returns the string types that the package declares, each with its
// constants in the order of the source.
func stringTypes(t *testing.T) map[string][]string {
	t.Helper()
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	found := make(map[string][]string)
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range group.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if under, ok := s.Type.(*ast.Ident); ok && under.Name == "string" {
						found[s.Name.Name] = append([]string{}, found[s.Name.Name]...)
					}
				case *ast.ValueSpec:
					if kind, ok := s.Type.(*ast.Ident); ok && group.Tok == token.CONST {
						require.NotNil(t, s.Doc, "%s says what it means", s.Names[0])
						word, err := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
						require.NoError(t, err)
						found[kind.Name] = append(found[kind.Name], word)
					}
				}
			}
		}
	}
	return found
}

func TestNoWordOfAnEnumIsForgotten(t *testing.T) {
	t.Parallel()
	declared := stringTypes(t)
	delete(declared, "Model") // tested with the prices
	delete(declared, "Zero")
	enums := definitionEnums()
	for name, words := range declared {
		require.Contains(t, enums, name, "an enum without a test")
		require.Equal(t, words, enums[name].words, name)
	}
	require.Len(t, enums, len(declared))
}

func TestEnumsReadTheirWordsAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, e := range definitionEnums() {
		require.True(t, e.fresh(), name)
		require.False(t, e.valid(""), name)
		for _, w := range append(e.words, "") {
			require.Equal(t, w != "", e.valid(w), name)
			text, err := e.encode(w)
			require.NoError(t, err, name)
			require.Equal(t, w, text)
			back, err := e.decode(w)
			require.NoError(t, err, name)
			require.Equal(t, w, back)
		}
		for _, w := range []string{"nonsense", strings.ToUpper(e.words[0]), " " + e.words[0], e.words[0] + "\n", "\xff"} {
			require.False(t, e.valid(w), name)
			_, err := e.encode(w)
			require.ErrorContains(t, err, "plan: unknown ", name)
			require.ErrorContains(t, err, strconv.Quote(w), name)
			back, err := e.decode(w)
			require.ErrorContains(t, err, "must be one of "+strings.Join(e.words, ", "), name)
			require.Equal(t, "as it was", back, "a refused word changes nothing")
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("advance")
	f.Add("")
	f.Add("prorate\x00")
	f.Fuzz(func(t *testing.T, s string) {
		for name, e := range definitionEnums() {
			back, err := e.decode(s)
			if err != nil {
				require.Equal(t, "as it was", back, name)
				continue
			}
			require.True(t, s == "" || e.valid(s), name)
			text, err := e.encode(back)
			require.NoError(t, err)
			require.Equal(t, s, text)
		}
	})
}
