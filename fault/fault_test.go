package fault_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/fault"
)

var (
	errGone   = fault.New(fault.Missing, "room: gone")
	errBusy   = fault.New(fault.Conflict, "room: busy")
	errBroken = fault.New(fault.Internal, "room: broken")
	errNo     = fault.New(fault.Refused, "room: no")
)

func TestKindOfAnErrorIsThatOfTheOutermostOneWithAClass(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		err   error
		class fault.Class
	}{
		{"none", nil, fault.None},
		{"a sentinel", errGone, fault.Missing},
		{"a sentinel with detail", fmt.Errorf("%w: %q", errGone, "x"), fault.Missing},
		{"a reason and its cause", fmt.Errorf("%w: command 3: %w", errNo, errGone), fault.Refused},
		{"a cause after text without a class", fmt.Errorf("%w: %w", io.EOF, errGone), fault.Missing},
		{"a code", fault.Required.Errorf("missing"), fault.Invalid},
		{"a code around a sentinel", fault.Malformed.Errorf("a: %w", errBusy), fault.Invalid},
		{"an error of another module", io.EOF, fault.Internal},
		{"no error at all behind another", fmt.Errorf("x"), fault.Internal},
		{"a field", fault.At("a", io.EOF), fault.Invalid},
		{"a field that names what is not there", fault.At("a", errGone), fault.Invalid},
		{"a field behind which something is broken", fault.At("a", fmt.Errorf("b: %w", errBroken)), fault.Internal},
		{"joined: invalid before refused", errors.Join(errNo, fault.At("a", io.EOF)), fault.Invalid},
		{"joined: refused before conflict", errors.Join(errBusy, errNo), fault.Refused},
		{"joined: internal before all", errors.Join(errGone, fault.At("a", io.EOF), errBroken), fault.Internal},
		{"joined: an unknown error is internal", errors.Join(errGone, io.EOF), fault.Internal},
		{"joined and wrapped", fmt.Errorf("room: %w", errors.Join(errBusy, errGone)), fault.Missing},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.class, fault.Kind(row.err))
		})
	}
}

func TestFaultsTakesAnErrorApart(t *testing.T) {
	t.Parallel()
	missing := fault.Required.Errorf("missing")
	for _, row := range []struct {
		name string
		err  error
		want string // path, code and text of each, one a line
	}{
		{"none", nil, ""},
		{"one field", fault.At("a.b", missing), "a.b required missing"},
		{"the value itself", fault.At("", missing), " required missing"},
		{"a field without a code", fault.At("a", errors.New("odd")), "a unusable odd"},
		{"in order", errors.Join(fault.At("b", missing), fault.At("a", missing)), "b required missing\na required missing"},
		{"each once", errors.Join(fault.At("a", missing), fmt.Errorf("x: %w", fault.At("a", missing))), "a required missing"},
		{"wrapped", fmt.Errorf("plan: %w", errors.Join(fault.At("a", missing), errNo)), "a required missing\n rejected room: no"},
		{"below another", fault.At("plan", errors.Join(fault.At("id", missing), fault.At("[0]", missing))), "plan.id required missing\nplan[0] required missing"},
		{"wrapped below another", fault.At("plan", fmt.Errorf("plan: %w", fault.At("id", missing))), "plan.id required missing"},
		{"a reason and its fields", fmt.Errorf("%w: %w", errNo, errors.Join(fault.At("a", missing), fault.At("b", missing))), "a required missing\nb required missing"},
		{"a reason and its cause are one", fmt.Errorf("%w: %w", errNo, errGone), " rejected room: no: room: gone"},
		{"a field with a sentinel", fault.At("a", fmt.Errorf("%w: %q", errGone, "x")), `a not_found room: gone: "x"`},
		{"of another module", errors.Join(io.EOF, errBusy), " broken EOF\n clashing room: busy"},
		{"joins of one", errors.Join(errors.Join(fault.At("a", missing))), "a required missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var lines []string
			for _, f := range fault.Faults(row.err) {
				lines = append(lines, fmt.Sprintf("%s %s %v", f.Path, f.Code, f.Err))
			}
			require.Equal(t, row.want, strings.Join(lines, "\n"))
		})
	}
}

func TestAFaultReadsItsPathAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	cause := errors.New("x")
	require.EqualError(t, fault.At("a[0].b", cause), "a[0].b: x")
	require.EqualError(t, fault.At("", cause), "x")
	require.EqualError(t, fault.At("plan", fault.At("id", cause)), "plan.id: x")
	require.EqualError(t, fault.At("plans", fault.At("[1]", cause)), "plans[1]: x")
	require.ErrorIs(t, fault.At("plan", fault.At("id", cause)), cause)
}

// What errors.Join, fmt.Errorf and At build of faults, in any shape, comes apart into the
// same faults.
func TestAnyShapeOfFaultsComesApartInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want []string
		n := 0
		var build func(path string, depth int) error
		build = func(path string, depth int) error {
			if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
				n++
				name := fmt.Sprintf("f%d", n)
				at := name
				if path != "" {
					at = path + "." + name
				}
				want = append(want, at)
				return fault.At(name, fault.OutOfRange.Errorf("must be small"))
			}
			switch rapid.IntRange(0, 2).Draw(t, "shape") {
			case 0:
				var parts []error
				for range rapid.IntRange(1, 3).Draw(t, "parts") {
					parts = append(parts, build(path, depth-1))
				}
				return errors.Join(parts...)
			case 1:
				return fmt.Errorf("room: %w", build(path, depth-1))
			}
			name := fmt.Sprintf("p%d", depth)
			below := name
			if path != "" {
				below = path + "." + name
			}
			return fault.At(name, build(below, depth-1))
		}
		err := build("", 4)
		var got []string
		for _, f := range fault.Faults(err) {
			require.Equal(t, fault.OutOfRange, f.Code)
			got = append(got, f.Path)
		}
		require.Equal(t, want, got)
		require.Equal(t, fault.Invalid, fault.Kind(err))
	})
}

func TestWordsAreClosedSets(t *testing.T) {
	t.Parallel()
	codes, classes := fault.Codes(), fault.Classes()
	slices.Sort(codes)
	require.Len(t, slices.Compact(codes), len(fault.Codes()))
	require.Len(t, classes, 6)
	require.NotContains(t, classes, fault.None)
	classes[0] = "changed"
	require.Equal(t, fault.Internal, fault.Classes()[0])
}
