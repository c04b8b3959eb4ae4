// Package arith holds the integer arithmetic beneath amounts and prices: a 128-bit
// unsigned integer that never allocates, and the eight ways in which a quotient is rounded.
//
// # What it is
//
// [U128] carries a product of two 64-bit integers, so that an amount can be multiplied first
// and divided once. [Mode] decides, from what a division left over, whether the quotient
// grows by one. [RoundBig] does the same for integers of any size: it is the exact slow path
// that takes over when a value does not fit, and the reference that the fast path is tested
// against.
//
// # Rules
//
// Magnitude and sign are kept apart: a caller divides magnitudes, asks [Mode.Increment] with the
// sign beside it, and puts the sign back. One rule therefore serves positive and negative
// amounts, and no mode can treat them differently by accident.
//
// Nothing wraps silently. Where a result may not fit, a second result says so.
//
// # Errors
//
// The package returns none. A divisor of zero is a mistake of the calling package, which has to
// refuse it first; as with Go's own operators it is a run-time panic here.
package arith
