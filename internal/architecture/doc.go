// Package architecture reads the source of this module and reports what violates its
// promises: an import that no arrow allows, a clock, randomness, a float, a panic or
// mutable state in the pure core, a dependency outside the list.
//
// # What it is
//
// [Check] parses every Go file of a tree and returns one [Fault] for each place.
// It reads syntax only, so it is quick, needs no build, and can be shown small
// bad sources in its own tests. Its rules are the tables of rules.go.
//
// # Rules
//
// The rooms are the packages that importers see. They import one another
// along the arrows of [Arrows], and beneath them the foundation: internal
// packages without which no room stands. Rooms and foundation together are the
// core, and the rules on purity and exactness hold there. Other internal
// packages and the examples may import any room. Tests of the core are held to
// the arrows and to the ban on the wall clock, and may use the test libraries.
//
// A folder with a go.mod of its own is another module. It uses the rooms as any
// importer does, and must not import an internal package, which Go would allow for
// the sake of its path; else it is only searched for paths of somebody's machine,
// as every text file is, and its lines are measured.
//
// A comment has at most 120 columns, and code 200. Documents that a comment shows, texts in
// backquotes and the tables of tests are as wide as they are.
package architecture
