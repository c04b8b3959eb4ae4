package cases_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
)

// given reads the files of testdata/conformance: the cases of each, as data.
func given(t testing.TB) map[string][]map[string]any {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/conformance/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := map[string][]map[string]any{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var list []map[string]any
		require.NoError(t, json.Unmarshal(data, &list))
		require.NotEmpty(t, list, path)
		files[filepath.Base(path)] = list
	}
	return files
}

// eachGiven calls f with every given case as data, in a subtest of its own.
func eachGiven(t *testing.T, f func(t *testing.T, c map[string]any)) {
	t.Helper()
	files := given(t)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		for _, c := range files[file] {
			t.Run(fmt.Sprint(c["id"]), func(t *testing.T) {
				t.Parallel()
				f(t, c)
			})
		}
	}
}

// run runs one case given as data or as text.
func run(t testing.TB, document any) cases.Result {
	t.Helper()
	return cases.Run(read(t, document))
}

func read(t testing.TB, document any) cases.Case {
	t.Helper()
	text, isText := document.(string)
	if !isText {
		data, err := json.Marshal(document)
		require.NoError(t, err)
		text = string(data)
	}
	list, err := cases.Read([]byte("[" + text + "]"))
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0]
}

func TestTheGivenCasesAllPass(t *testing.T) {
	t.Parallel()
	ran := map[string]int{}
	ids := map[string]bool{}
	for file, list := range given(t) {
		for _, c := range list {
			id := c["id"].(string)
			require.False(t, ids[id], "%s: the id %s is taken", file, id)
			ids[id] = true
			ran[read(t, c).Kind()]++
			require.Equal(t, cases.Result{ID: id, Verdict: cases.Passed}, run(t, c))
		}
	}
	require.Equal(t, []string{"account", "amount", "due_date", "proration", "recognition", "scenario", "schedule", "standing"}, slices.Sorted(maps.Keys(ran)))
}

func TestAGivenCaseWithAnotherExpectationFails(t *testing.T) {
	t.Parallel()
	eachGiven(t, func(t *testing.T, c map[string]any) {
		switch c["kind"] {
		case "amount", "proration":
			for _, key := range []string{"expect", "expect_exact"} {
				if right, ok := c[key].(string); ok {
					for _, step := range []string{"0.01", "-1", "0.0000001"} {
						c[key] = decimal.RequireFromString(right).Add(decimal.RequireFromString(step)).String()
						require.Equal(t, cases.Failed, run(t, c).Verdict, c[key])
					}
				}
			}
		case "recognition":
			expect := c["expect"].(map[string]any)
			for month, right := range expect {
				expect[month] = decimal.RequireFromString(right.(string)).Add(decimal.RequireFromString("0.01")).String()
				require.Equal(t, cases.Failed, run(t, c).Verdict, month)
				expect[month] = right
			}
		case "standing":
			eachPlace(map[string]any{"expect": c["expect"]}, func(path string, value any, set func(any)) {
				right, ok := value.(string)
				key := path[strings.LastIndexByte(path, '.')+1:]
				switch {
				case !ok || key == "at" && !strings.Contains(path, "commands"):
					return // a question
				case key == "unpaid":
					set("0.07")
				case key == "access":
					if set("none"); right == "none" {
						set("full")
					}
				case key == "do":
					if set("hold"); right == "hold" {
						set("close")
					}
				case key == "at" || key == "next_at":
					set("2001-02-03T04:05:06.7Z")
				default:
					set(right + "x")
				}
				require.Equal(t, cases.Failed, run(t, c).Verdict, path)
				set(right)
			})
		case "due_date":
			c["expect"] = "2001-02-03"
			require.Equal(t, cases.Failed, run(t, c).Verdict)
		case "schedule":
			expect := c["expect"].([]any)
			for i := range expect {
				right := expect[i]
				expect[i] = "2001-02-03T04:05:06.7Z"
				require.Equal(t, cases.Failed, run(t, c).Verdict, "boundary %d", i)
				expect[i] = right
			}
		case "scenario", "account":
			eachPlace(c["expect"], func(path string, value any, set func(any)) {
				right, ok := value.(string)
				key := path[strings.LastIndexByte(path, '.')+1:]
				switch {
				case !ok || key == "what" || key == "feature" || key == "weeks" || key == "at" && !strings.HasPrefix(path, ".invoices"):
					return // for the reader, or a question
				case key == "status":
					if set("paused"); right == "paused" {
						set("active")
					}
				case key == "kind":
					if set("churn"); right == "churn" {
						set("new")
					}
				case key == "at" || key == "from" || key == "to" || key == "next_at" || key == "ends_at" || key == "cut_off" || key == "earliest":
					set("2001-02-03T04:05:06.7Z")
				default:
					set(decimal.RequireFromString(right).Add(decimal.RequireFromString("0.01")).String())
				}
				require.Equal(t, cases.Failed, run(t, c).Verdict, path)
				set(right)
			})
		}
	})
}

// The tests below spoil the given cases in every place that differs from the others by
// its path and its kind of value, each in the first three cases that have it: whatever the
// place, the runner must see it.

func TestAGivenCaseWithAnUnknownKeyAnywhereIsUnsupported(t *testing.T) {
	t.Parallel()
	eachKindOfPlace(t, func(t *testing.T, c map[string]any) func(path string, value any, set func(any)) {
		return func(path string, value any, _ func(any)) {
			object, ok := value.(map[string]any)
			if !ok || strings.HasSuffix(path, ".properties") { // whose keys are names
				return
			}
			for _, key := range []string{"surprise", "Amount", "id "} {
				object[key] = "1"
				result := run(t, c)
				require.Equal(t, cases.Unsupported, result.Verdict, path)
				require.Contains(t, result.Reason, key)
				delete(object, key)
			}
		}
	})
}

func TestAGivenCaseWithAnotherKindOfValueAnywhereIsUnsupported(t *testing.T) {
	t.Parallel()
	eachKindOfPlace(t, func(t *testing.T, c map[string]any) func(path string, value any, set func(any)) {
		return func(path string, value any, set func(any)) {
			var others []any
			switch value.(type) {
			case string:
				others = []any{json.Number("1"), true, map[string]any{}, []any{}, nil}
			case float64:
				others = []any{"1", true, map[string]any{}, json.Number("1.5"), json.Number("1e2"), json.Number("-1"), json.Number("99999999999999999999"), nil}
			case bool:
				others = []any{"true", json.Number("1"), nil}
			case map[string]any, []any:
				if path == "" {
					return // not within a case
				}
				others = []any{"1", json.Number("1"), true, nil}
			case nil:
				others = []any{json.Number("1"), "", false}
			}
			for _, other := range others {
				if other == nil && strings.HasSuffix(path, ".to") && strings.Contains(path, "lines") {
					continue // the one place in the given cases where null means something
				}
				set(other)
				require.Equal(t, cases.Unsupported, run(t, c).Verdict, "%s = %v", path, other)
				set(value)
			}
		}
	})
}

func TestAGivenCaseWithARepeatedKeyAnywhereIsUnsupported(t *testing.T) {
	t.Parallel()
	eachGiven(t, func(t *testing.T, c map[string]any) {
		data, err := json.Marshal(c)
		require.NoError(t, err)
		spoiled := map[string]bool{}
		for i, at := range keys(data) {
			if spoiled[at.name] {
				continue
			}
			spoiled[at.name] = true
			// A name once more, before itself, with the value that a decoder would keep.
			text := string(data[:at.start]) + at.name + `:null,` + string(data[at.start:])
			require.Equal(t, cases.Unsupported, run(t, text).Verdict, "key %d: %s", i, at.name)
		}
	})
}

func TestAGivenCaseWithAnEmptyWordAnywhereIsUnsupported(t *testing.T) {
	t.Parallel()
	eachKindOfPlace(t, func(t *testing.T, c map[string]any) func(path string, value any, set func(any)) {
		return func(path string, value any, set func(any)) {
			if _, ok := value.(string); !ok || path == ".source" || path == ".note" {
				return
			}
			set("")
			require.Equal(t, cases.Unsupported, run(t, c).Verdict, path)
			set(value)
		}
	})
}

// eachKindOfPlace calls what f returns for a case with those of its places that are not yet
// covered by three cases before it, in a subtest of its own for each case. Places are alike
// if they have the same path but for indexes and the same kind of value, in cases of one kind.
func eachKindOfPlace(t *testing.T, f func(t *testing.T, c map[string]any) func(path string, value any, set func(any))) {
	t.Helper()
	files, covered := given(t), map[string]int{}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		for _, c := range files[file] {
			chosen, seen := map[string]bool{}, map[string]bool{}
			eachPlace(c, func(path string, value any, _ func(any)) {
				alike := fmt.Sprintf("%v%s %T", c["kind"], index.ReplaceAllString(path, "[]"), value)
				if seen[alike] {
					return
				}
				if seen[alike] = true; covered[alike] < 3 {
					covered[alike]++
					chosen[path] = true
				}
			})
			if len(chosen) == 0 {
				continue
			}
			t.Run(fmt.Sprint(c["id"]), func(t *testing.T) {
				t.Parallel()
				spoil := f(t, c)
				eachPlace(c, func(path string, value any, set func(any)) {
					if chosen[path] {
						spoil(path, value, set)
					}
				})
			})
		}
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

// eachPlace calls f with every value within v: its path, and how to set it.
func eachPlace(v any, f func(path string, value any, set func(any))) {
	var walk func(path string, value any, set func(any))
	walk = func(path string, value any, set func(any)) {
		f(path, value, set)
		switch value := value.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				walk(path+"."+key, value[key], func(v any) { value[key] = v })
			}
		case []any:
			for i := range value {
				walk(path+"["+strconv.Itoa(i)+"]", value[i], func(v any) { value[i] = v })
			}
		}
	}
	object := v.(map[string]any)
	f("", object, func(any) {})
	for _, key := range slices.Sorted(maps.Keys(object)) {
		walk("."+key, object[key], func(v any) { object[key] = v })
	}
}

type key struct {
	start int
	name  string // as written, with its quotes
}

// keys finds the names of all members in a compact document.
func keys(document []byte) []key {
	var found []key
	for i := 0; i < len(document); i++ {
		if document[i] != '"' {
			continue
		}
		start := i
		for i++; document[i] != '"'; i++ {
			if document[i] == '\\' {
				i++
			}
		}
		if i+1 < len(document) && document[i+1] == ':' {
			found = append(found, key{start: start, name: string(document[start : i+1])})
		}
	}
	return found
}
