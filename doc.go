// Package perennial is the landing page of a subscription billing engine. It
// has no types of its own: the engine is the eight packages beneath it.
//
// For a subscription sold under a plan the engine answers these questions: what state
// is it in, what may be done to it, what may its owner use, when is it billed next,
// how much, and why. A service imports it and keeps its own database and HTTP.
//
// # The rooms
//
//   - [github.com/perennial-billing/perennial/money]: amounts in whole minor
//     units, currencies, roundings by name, shares that sum back to the whole.
//   - [github.com/perennial-billing/perennial/calendar]: intervals, half-open
//     periods, schedules counted from their anchor, time zones, parts of a period.
//   - [github.com/perennial-billing/perennial/feature]: what a plan lets its
//     owner use: switches, limits, allowances.
//   - [github.com/perennial-billing/perennial/plan]: plans, charges, prices and
//     dated catalogs, written by people as JSON and compiled once.
//   - [github.com/perennial-billing/perennial/lifecycle]: statuses, and the
//     table that says which action may follow.
//   - [github.com/perennial-billing/perennial/subscription]: one customer's
//     subscription, a value whose verbs return the next value.
//   - [github.com/perennial-billing/perennial/billing]: when it is billed next,
//     how much, and why.
//   - [github.com/perennial-billing/perennial/fault]: what is wrong and where, and
//     whether the request, its moment or the program is to blame.
//
// # The way through
//
// Decode a catalog, start a subscription under one of its plan versions, apply verbs
// to it as things happen, and ask billing. Every instant is an argument: nothing here
// reads a clock, a file or the network, so the same input always gives the same
// bytes, and a "what if" costs only a call.
//
// # What holds everywhere
//
// Arithmetic is exact until one rounding per invoice line. Period k is counted from
// the anchor, never from period k-1. Periods contain their start and not their end.
// What cannot be computed is an error that says where, never a zero and never a
// panic. A failed verb leaves its value untouched.
//
// To see it at work: go run ./examples/nextbilling. What a service stores, locks on and
// schedules, with code to copy: docs/embedding.md and examples/service.
package perennial
