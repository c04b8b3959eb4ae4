// Package dec bounds the decimals that enter the library.
//
// # What it is
//
// A decimal arrives as text in a document, or as a [decimal.Decimal] made by a Go
// program. Both may be enormous: "1e1000000000" is a dozen bytes and a gigabyte of
// digits. This package is the only way in which either comes in, and the only way in
// which decimals are written.
//
// # Rules
//
//   - The value has at most [MaxDigits] significant digits, at most [MaxPlaces]
//     decimal places and an integer part of at most [MaxIntegerDigits] digits. The
//     bounds are on the value: zeros at the end of a fraction do not count in a
//     decimal, but a text may not be longer than [MaxLen].
//   - Text is plain notation: an optional minus sign, digits, and optionally a
//     point followed by digits. No exponent, plus sign, spaces, digit grouping,
//     bare point, or leading zeros other than the one of "0.5".
//   - [Parse] returns one form for each value ([Canonical]): no zeros at the end
//     of a fraction, and [decimal.Decimal]{} for zero.
//
// # Errors
//
// [ErrSyntax] for text that is not plain notation, [ErrRange] for a decimal out of
// bounds. Nothing is rounded, clamped or expanded to check this.
package dec
