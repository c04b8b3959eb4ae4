package document_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
)

func TestTheNextNumberFollowsTheLast(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ numbering, last, on, next string }{
		{`{}`, "", "2026-01-01", "1"},
		{`{"prefix":"INV-","digits":4}`, "INV-0009", "2026-01-01", "INV-0010"},
		{`{"prefix":"INV-","digits":3}`, "INV-999", "2026-01-01", "INV-1000"},
		{`{"dated":"month","digits":3}`, "202402-003", "2024-03-01", "202403-004"},
		{`{"prefix":"PRO-377A-","dated":"month","digits":3}`, "PRO-377A-202404-006", "2024-04-30", "PRO-377A-202404-007"},
		{`{"dated":"year","digits":4}`, "2025-0123", "2026-01-01", "2026-0124"},
		{`{"dated":"year","digits":4,"restart":"yearly"}`, "2025-0123", "2026-01-01", "2026-0001"},
		{`{"dated":"month","digits":2,"restart":"yearly"}`, "202512-07", "2026-01-31", "202601-01"},
		{`{"dated":"month","digits":2,"restart":"yearly"}`, "202601-07", "2026-02-28", "202602-08"},
	} {
		var n document.Numbering
		require.NoError(t, json.Unmarshal([]byte(row.numbering), &n))
		next, err := n.Next(row.last, date(t, row.on))
		require.NoError(t, err)
		require.Equal(t, row.next, next)
		data, err := json.Marshal(n)
		require.NoError(t, err)
		require.JSONEq(t, row.numbering, string(data))
	}
}

func TestANumberThatIsNotOfTheSeriesIsRefused(t *testing.T) {
	t.Parallel()
	n := document.Numbering{Prefix: "A-", Dated: document.DatedByMonth, Digits: 3}
	for _, number := range []string{"", "A-", "B-202601-001", "A-202601-1", "A-202601-0001", "A-202613-001", "A-202600-001", "A-202601-000", "A-2026-001", "A-202601-00x", "A-202601--01", "A-202601-+01", "A-202601-9999999999999"} {
		_, err := n.Counter(number)
		require.ErrorContains(t, err, "is not of the series", number)
	}
	_, err := n.Next("A-202603-001", date(t, "2026-02-28"))
	require.ErrorIs(t, err, document.ErrNumber)
	_, err = n.Format(0, date(t, "2026-01-01"))
	require.Error(t, err)
	_, err = n.Format(1, document.Date{})
	require.Error(t, err)
	require.EqualError(t, document.Numbering{Restart: document.YearlyRestart}.Validate(), "restart: must not be yearly where a number does not show the year: it would come twice")
	require.EqualError(t, document.Numbering{Prefix: "a\nb", Digits: 13, Dated: "day", Restart: "monthly"}.Validate(),
		"prefix: must be on one line, without control characters\n"+
			`dated: unknown word "day": must be one of ["year" "month"]`+"\n"+
			"digits: must be 0 to 12\n"+
			`restart: unknown word "monthly": must be one of ["never" "yearly"]`)
}

func TestAListOfNumbersIsGapless(t *testing.T) {
	t.Parallel()
	n := document.Numbering{Dated: document.DatedByMonth, Digits: 3}
	require.NoError(t, n.CheckNumbers([]string{"202402-003", "202403-004", "202405-005"}))
	require.NoError(t, n.CheckNumbers(nil))
	require.EqualError(t, n.CheckNumbers([]string{"202402-003", "202403-005", "202403-005", "x", "202402-006"}),
		`[1]: "202403-005" follows "202402-003", where "202403-004" must`+"\n"+
			`[2]: "202403-005" is there twice`+"\n"+
			`[3]: document: number: "x": is not of the series, as "202601-001" is`+"\n"+
			`[4]: "202402-006" is dated before the number before it, "202403-005"`)
	yearly := document.Numbering{Dated: document.DatedByYear, Restart: document.YearlyRestart}
	require.NoError(t, yearly.CheckNumbers([]string{"2025-1", "2025-2", "2026-1", "2028-1"}))
	require.EqualError(t, yearly.CheckNumbers([]string{"2025-1", "2026-2"}), `[1]: "2026-2" follows "2025-1", where "2026-1" must`)
}

func TestNumbersThatFollowEachOtherAreGaplessAndOneLessIsNot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := document.Numbering{
			Prefix: rapid.SampledFrom([]string{"", "A", "A-7-", "2026", "x 0"}).Draw(t, "prefix"),
			Dated:  rapid.SampledFrom([]document.Dated{"", document.DatedByYear, document.DatedByMonth}).Draw(t, "dated"),
			Digits: rapid.IntRange(0, 12).Draw(t, "digits"),
		}
		if n.Dated != "" && rapid.Bool().Draw(t, "yearly") {
			n.Restart = document.YearlyRestart
		}
		at := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
		var numbers []string
		last := ""
		for range rapid.IntRange(3, 20).Draw(t, "count") {
			next, err := n.Next(last, document.DateOf(at, calendar.UTC()))
			require.NoError(t, err)
			numbers, last = append(numbers, next), next
			at = at.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "days")) * 24 * time.Hour)
		}
		require.NoError(t, n.CheckNumbers(numbers))
		gone := rapid.IntRange(1, len(numbers)-2).Draw(t, "gone")
		lost := append(append([]string{}, numbers[:gone]...), numbers[gone+1:]...)
		before, err := n.Counter(numbers[gone-1])
		require.NoError(t, err)
		after, err := n.Counter(numbers[gone+1])
		require.NoError(t, err)
		if after != 1 { // the last number of a year is missed by nobody
			require.Error(t, n.CheckNumbers(lost), "%d %d", before, after)
		}
	})
}
