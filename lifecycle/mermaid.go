package lifecycle

import (
	"fmt"
	"strings"
)

// Mermaid returns the state diagram in Mermaid's language, generated from the rules that decide and
// from the ticks. Deterministic. Each arrow lists the actions that can take it, and in brackets the
// ticks; actions that do not change the status have no arrow.
func Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range []Status{Future, InTrial, Active, NonRenewing} {
		fmt.Fprintf(&b, "    [*] --> %s\n", s)
	}
	for _, from := range Words[Status]() {
		for _, to := range Words[Status]() {
			if labels := arrow(from, to); len(labels) > 0 && from != to {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, strings.Join(labels, ", "))
			}
		}
	}
	return b.String()
}

// arrow lists what can lead from one status to another.
func arrow(from, to Status) []string {
	var labels []string
	for i := range table {
		for _, r := range table[i].cells()[from.index()] {
			if r.err == nil && r.out.To.Has(to) {
				labels = append(labels, table[i].action.String())
				break
			}
		}
	}
	for _, k := range Words[Tick]() {
		if k.To(from).Has(to) {
			labels = append(labels, "["+string(k)+"]")
		}
	}
	return labels
}
