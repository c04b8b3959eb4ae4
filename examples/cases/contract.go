package cases

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/examples/strict"
)

// contract is something that the engine cannot do yet. The format has words for it
// already; a case that uses one of them is unsupported. Once a contract is built,
// its words leave the lists below.
type contract string

const (
	addOns        contract = "add-ons that are billed in a trial"
	invoicesAhead contract = "invoices ahead of their period"
	oldGrid       contract = "next billing after which the old grid goes on"
)

// Error makes a contract the fault of the word that needs it.
func (c contract) Error() string { return fmt.Sprintf("the contract %q is not built", string(c)) }

// The words by the object in which they stand.
var (
	actionWords = map[string]map[string]contract{"set_next_billing": {"grid": oldGrid}}

	planWords = map[string]contract{
		"invoice_lead": invoicesAhead,
	}
)

// unbuilt reports the words of a case or a story whose contracts are not built.
func unbuilt(n strict.Node) []strict.Fault {
	var u unbuiltWords
	if text(n, "kind") == "amount" {
		return nil
	}
	members, _ := n.Field("subscriptions")
	for _, member := range members.Elems() {
		u = append(u, unbuilt(member)...)
	}
	addOnList, _ := n.Field("add_ons")
	for _, addOn := range addOnList.Elems() {
		if text(addOn, "trial") == "bill" {
			u = append(u, below(addOn, "trial", addOns))
		}
	}
	plans, _ := n.Field("plans")
	for _, p := range plans.Elems() {
		u.in(p, planWords)
	}
	actions, _ := n.Field("actions")
	for _, action := range actions.Elems() {
		u.action(action)
	}
	return u
}

type unbuiltWords []strict.Fault

// in reports the words that an object has.
func (u *unbuiltWords) in(n strict.Node, words map[string]contract) {
	for _, name := range n.Names() {
		if c, ok := words[name]; ok {
			*u = append(*u, below(n, name, c))
		}
	}
}

// action reports the words of an action by its verb.
func (u *unbuiltWords) action(n strict.Node) { u.in(n, actionWords[text(n, "do")]) }

// withUnbuilt puts the words whose contracts are not built before the faults that
// were found in reading the rest, and leaves out what only follows from them: that
// such a word is unknown, or that beside it another is missing.
func withUnbuilt(words, faults []strict.Fault) []strict.Fault {
	all := slices.Clone(words)
	for _, f := range faults {
		follows := slices.ContainsFunc(words, func(w strict.Fault) bool {
			return within(f.Path, w.Path) || errors.Is(f.Err, errMissing) && holder(f.Path) == holder(w.Path)
		})
		if !follows {
			all = append(all, f)
		}
	}
	return all
}

// within reports whether a path is another or leads into it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// holder is the path of the object that has the member.
func holder(path string) string { return path[:max(strings.LastIndexByte(path, '.'), 0)] }
