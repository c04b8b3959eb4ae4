package picture_test

import (
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/picture"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

const catalog = `{"plans": [{"plan": {"id": "team", "version": 1, "currency": "EUR", "every": "P1M",
	"charges": [{"id": "fee", "price": {"model": "flat_fee", "amount": "90"}}]}}]}`

func day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

// life is a year with two pauses, of which one is expected.
func life(t *testing.T, until time.Time) picture.Life {
	entries, err := plan.DecodeCatalog([]byte(catalog))
	require.NoError(t, err)
	version, err := entries.Lookup(plan.MustParseRef("team@1"))
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: version, Start: day(1, 31)})
	require.NoError(t, err)
	call := func(at time.Time) subscription.Call { return subscription.Call{At: at, Actor: lifecycle.Operator} }
	sub, err = sub.Pause(call(day(3, 10)), subscription.Immediately(), subscription.Pause{Until: day(4, 20)})
	require.NoError(t, err)
	sub, err = sub.Pause(call(day(5, 1)), subscription.On(day(8, 1)), subscription.Pause{Cycles: 1})
	require.NoError(t, err)
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(6, 1))
	require.NoError(t, err)
	for inv, err := range billing.Forecast(sub, nil, checkpoint) {
		require.NoError(t, err)
		if inv.At.After(until) {
			break
		}
		made = append(made, inv)
	}
	return picture.Life{Subscription: sub, From: day(1, 31), Now: day(6, 1), Until: until, Invoices: made}
}

// A label is a text of a picture, in pixels of a width.
type label struct{ left, right, y int }

// labels finds the texts of a picture that is as narrow as it may be; a letter has 7 pixels.
func labels(t *testing.T, drawn string, width int) (all []label) {
	for _, m := range regexp.MustCompile(`<text class="[^"]*" x="(\d+)\.(\d\d)%" y="(\d+)" text-anchor="(\w+)">([^<]*)</text>`).FindAllStringSubmatch(drawn, -1) {
		percent, err := strconv.Atoi(m[1] + m[2])
		require.NoError(t, err)
		y, err := strconv.Atoi(m[3])
		require.NoError(t, err)
		left, wide := percent*width/10_000, len([]rune(m[5]))*7
		if m[4] == "end" {
			left -= wide
		}
		all = append(all, label{left, left + wide, y})
	}
	return all
}

func apart(all []label, width int) error {
	for i, a := range all {
		if a.left < 0 || a.right > width {
			return fmt.Errorf("label %d leaves the picture: %+v", i, a)
		}
		for _, b := range all[:i] {
			if a.y == b.y && a.left < b.right && b.left < a.right {
				return fmt.Errorf("labels overlap: %+v, %+v", a, b)
			}
		}
	}
	return nil
}

func TestNoLabelOverlapsAnotherHoweverLongALifeIs(t *testing.T) {
	t.Parallel()
	for _, until := range []time.Time{day(6, 10), day(9, 1), day(12, 31), day(12, 31).AddDate(3, 0, 0), day(12, 31).AddDate(30, 0, 0)} {
		drawn, err := life(t, until).Draw()
		require.NoError(t, err)
		found := labels(t, string(drawn), 320)
		require.NotEmpty(t, found)
		require.NoError(t, apart(found, 320), until)
	}
	require.Error(t, apart([]label{{0, 50, 1}, {40, 90, 1}}, 320), "the check can fail")
	require.Error(t, apart([]label{{300, 330, 1}}, 320), "the check can fail")
}

func TestALifeShowsWhatWasAndWhatIsExpected(t *testing.T) {
	t.Parallel()
	drawn, err := life(t, day(12, 31)).Draw()
	require.NoError(t, err)
	text := string(drawn)
	require.Equal(t, 1, strings.Count(text, `class="now"`))
	require.Equal(t, 2, strings.Count(text, `<rect class="paused"`))
	require.Contains(t, text, "<td>31 Jan 2026</td><td>invoice</td><td class=\"number\">90.00 EUR</td>")
	require.Contains(t, text, "<td>1 Aug 2026</td><td>paused by pause_on_date (expected), team@1, paused</td>")
	require.Contains(t, text, `invoice (expected)</td>`)
	again, err := life(t, day(12, 31)).Draw()
	require.NoError(t, err)
	require.Equal(t, drawn, again)
}

func TestWhatIsWrittenIsEscaped(t *testing.T) {
	t.Parallel()
	evil := `<script>alert("x")</script>`
	for _, drawn := range []template.HTML{
		picture.Bars(evil, evil, []picture.Bar{{Label: evil, Value: evil, Size: 1}}),
		picture.Curve(evil, evil, evil, []picture.Point{{0, 0, evil, evil}, {1, 1, evil, evil}}),
		picture.Quota(evil, evil, 1, 2),
	} {
		require.NotContains(t, string(drawn), "<script")
		require.NotContains(t, string(drawn), `"x"`)
	}
}

func TestBarsOfAnySizeStayInThePicture(t *testing.T) {
	t.Parallel()
	drawn := string(picture.Bars("Amounts", "Month", []picture.Bar{
		{Label: "Jan 26", Value: "huge", Size: 1<<63 - 1}, {Label: "Feb 26", Value: "half", Size: 1 << 62}, {Label: "Mar 26", Value: "none"}, {Label: "Apr 26", Value: "less", Size: -1 << 62, Expected: true},
	}))
	require.NoError(t, apart(labels(t, drawn, 320), 320))
	var heights []string
	for _, m := range regexp.MustCompile(`<rect class="\w+" [^>]*height="(-?\d+)"`).FindAllStringSubmatch(drawn, -1) {
		heights = append(heights, m[1])
	}
	require.Equal(t, []string{"120", "60", "60"}, heights)
}

func TestTheLifecycleHasAnArrowForEachPairOfStatuses(t *testing.T) {
	t.Parallel()
	drawn := string(picture.Lifecycle())
	pairs := map[string]bool{}
	for line := range strings.Lines(lifecycle.Mermaid()) {
		if from, rest, ok := strings.Cut(strings.TrimSpace(line), " --> "); ok && from != "[*]" {
			to, _, _ := strings.Cut(rest, ":")
			if to = strings.TrimSpace(to); to != from && to != "[*]" {
				pairs[from+" "+to] = true
			}
		}
	}
	require.NotEmpty(t, pairs)
	require.Equal(t, len(pairs), strings.Count(drawn, `marker-end=`))
	require.Equal(t, len(pairs)+1, strings.Count(drawn, "<tr>"))
}
