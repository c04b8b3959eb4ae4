package cases

import (
	"fmt"
	"strings"
)

// Verdict says how a case ended. The zero Verdict, "", is none.
type Verdict string

const (
	// Passed: the engine answered all that the case expects.
	Passed Verdict = "passed"
	// Failed: the engine answered something else, or refused.
	Failed Verdict = "failed"
	// Unsupported: the runner cannot put the case to the engine; nothing is known of it.
	Unsupported Verdict = "unsupported"
)

// Result is what became of a case.
type Result struct {
	// ID is the id of the case, or "#3" for the third case of a file if it has none.
	ID string
	// Verdict says how the case ended.
	Verdict Verdict
	// Got and Want are the first answer that differs, and what was expected there;
	// empty unless the case failed.
	Got, Want string
	// Reason says why the case is unsupported; else empty.
	Reason string
}

// String is one line: "passed id", "FAIL id: got 1, want 2" or
// "UNSUPPORTED id: reason".
func (r Result) String() string {
	switch r.Verdict {
	case Failed:
		return oneLine(fmt.Sprintf("FAIL %s: got %s, want %s", r.ID, r.Got, r.Want))
	case Unsupported:
		return oneLine(fmt.Sprintf("UNSUPPORTED %s: %s", r.ID, r.Reason))
	case Passed:
	}
	return oneLine(fmt.Sprintf("%s %s", r.Verdict, r.ID))
}

// oneLine keeps text that comes from a file from making a second line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// answer is the result of a case, without its id.
type answer struct {
	verdict   Verdict
	got, want string
	reason    string
}

func passed() answer { return answer{verdict: Passed} }

func failed(got, want string) answer { return answer{verdict: Failed, got: got, want: want} }

// refused is a failure because the engine would not answer.
func refused(err error, want string) answer {
	return failed("error: "+err.Error(), want)
}

func unsupported(reason string) answer { return answer{verdict: Unsupported, reason: reason} }
