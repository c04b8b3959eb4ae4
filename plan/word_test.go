package plan_test

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/plan"
)

// wordsOf returns the words of a type in a form that can be compared, and a parser.
func wordsOf[W plan.Word[W], P textReader[W]]() enumTest {
	var e enumTest
	for _, w := range plan.Words[W]() {
		e.words = append(e.words, string(w))
	}
	e.fresh = func() bool {
		plan.Words[W]()[0] = "changed"
		return plan.Words[W]()[0] != "changed"
	}
	e.parse = func(s string) (string, error) {
		w, err := read[W, P](s)
		return string(w), err
	}
	return e
}

// textReader is a pointer to a word that reads itself from text.
type textReader[W any] interface {
	*W
	encoding.TextUnmarshaler
}

// read returns what a word's type reads from a text: nothing if it refuses it.
func read[W any, P textReader[W]](text string) (W, error) {
	var w W
	err := P(&w).UnmarshalText([]byte(text))
	return w, err
}

type enumTest struct {
	words []string
	fresh func() bool
	parse func(string) (string, error)
}

func definitionEnums() map[string]enumTest {
	return map[string]enumTest{
		"Timing":           wordsOf[plan.Timing](),
		"Aggregation":      wordsOf[plan.Aggregation](),
		"Reading":          wordsOf[plan.Reading](),
		"FreeBy":           wordsOf[plan.FreeBy](),
		"Permission":       wordsOf[plan.Permission](),
		"TrialEnd":         wordsOf[plan.TrialEnd](),
		"LengthFrom":       wordsOf[plan.LengthFrom](),
		"LastPeriod":       wordsOf[plan.LastPeriod](),
		"EndBehavior":      wordsOf[plan.EndBehavior](),
		"TermRenewal":      wordsOf[plan.TermRenewal](),
		"LateNotice":       wordsOf[plan.LateNotice](),
		"TermChange":       wordsOf[plan.TermChange](),
		"TermPause":        wordsOf[plan.TermPause](),
		"EarlyEndFee":      wordsOf[plan.EarlyEndFee](),
		"UnusedCredit":     wordsOf[plan.UnusedCredit](),
		"CreditBasis":      wordsOf[plan.CreditBasis](),
		"ChargeNew":        wordsOf[plan.ChargeNew](),
		"Collect":          wordsOf[plan.Collect](),
		"Anchor":           wordsOf[plan.Anchor](),
		"FirstPeriod":      wordsOf[plan.FirstPeriod](),
		"FirstInvoice":     wordsOf[plan.FirstInvoice](),
		"Negative":         wordsOf[plan.Negative](),
		"DiscountSplit":    wordsOf[plan.DiscountSplit](),
		"ZeroInvoices":     wordsOf[plan.ZeroInvoices](),
		"TaxRounding":      wordsOf[plan.TaxRounding](),
		"UsageBounds":      wordsOf[plan.UsageBounds](),
		"UsageCount":       wordsOf[plan.UsageCount](),
		"DiscountedKind":   wordsOf[plan.DiscountedKind](),
		"AddOnChange":      wordsOf[plan.AddOnChange](),
		"PriceChange":      wordsOf[plan.PriceChange](),
		"PeriodEnd":        wordsOf[plan.PeriodEnd](),
		"Duration":         wordsOf[plan.Duration](),
		"MinimumBase":      wordsOf[plan.MinimumBase](),
		"MinimumPart":      wordsOf[plan.MinimumPart](),
		"MinimumDiscounts": wordsOf[plan.MinimumDiscounts](),
		"OverCap":          wordsOf[plan.OverCap](),
		"InterimVolume":    wordsOf[plan.InterimVolume](),
		"ThresholdSpan":    wordsOf[plan.ThresholdSpan](),
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
		for _, w := range append(e.words, "") {
			back, err := e.parse(w)
			require.NoError(t, err, name)
			require.Equal(t, w, back)
		}
		for _, w := range []string{"nonsense", strings.ToUpper(e.words[0]), " " + e.words[0], e.words[0] + "\n", "\xff"} {
			back, err := e.parse(w)
			require.ErrorContains(t, err, "plan: unknown ", name)
			require.ErrorContains(t, err, strconv.Quote(w), name)
			require.ErrorContains(t, err, "must be one of "+strings.Join(e.words, ", "), name)
			require.Empty(t, back)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("advance")
	f.Add("")
	f.Add("prorate\x00")
	f.Fuzz(func(t *testing.T, s string) {
		for name, e := range definitionEnums() {
			back, err := e.parse(s)
			if err != nil {
				require.Empty(t, back, name)
				continue
			}
			require.True(t, s == "" || slices.Contains(e.words, s), name)
			require.Equal(t, s, back)
		}
	})
}
