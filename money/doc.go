// Package money holds amounts: a whole number of minor units of a currency, and the few operations
// that keep it whole.
//
// # What it is
//
// A [Money] is an int64 of minor units (cents, yen, fils) and a [Currency] of ISO 4217. It is what a customer owes, is
// credited or has paid. It is not a price: a price may be a fraction of a cent, is a decimal of any precision,
// and becomes an amount once, when a line is made, by [FromDecimal] or [Money.Prorate] under a named [Rounding].
//
// All three types are values. They are comparable with ==, can be map keys, and are safe to share.
// All functions are pure: the same arguments give the same result, and the package has no settings.
//
// # Rules
//
//   - Two amounts can be combined only in one currency. Anything else is an error, never a
//     conversion.
//   - Every amount has a currency. The zero [Money] is not an amount, which is different from an
//     amount of zero: adding to it is [ErrInvalid]. Start a sum with [Sum] or with FromMinor(0,
//     currency).
//   - A result that has more minor units than an int64 holds is [ErrOverflow]. It never wraps and is never cut off.
//     The range is -2^63 to 2^63-1, at two digits about 92 quadrillion major units either way.
//   - Multiply first, divide once. 30.15 USD for 1 of 30 days is 1.005 USD, 1.01 by half_up. A factor of
//     0.0333333333 computed beforehand would give 1.00. [Money.Prorate] therefore takes the fraction as two integers.
//   - What is divided among several must add up to the whole. Prorating each part on its own does
//     not guarantee that; [Money.Allocate] does, and [Money.Instalments] for parts that fall due
//     one after the other.
//
// # Currencies
//
// The package knows the currencies and funds codes of ISO 4217 that have a minor unit, with their
// 0, 2, 3 or 4 decimal digits, and two that were withdrawn recently, BGN and ANG. Metals (XAU),
// units of account (XDR) and the codes for testing and for no currency (XTS, XXX) have no minor
// unit and are unknown here. Codes are upper case.
//
// # Rounding
//
// There are eight roundings. What is rounded is the exact quotient, once, with its sign:
//
//	            2.5   1.5   1.4   0.6  -0.6  -1.4  -1.5  -2.5
//	half_up       3     2     1     1    -1    -1    -2    -3
//	half_even     2     2     1     1    -1    -1    -2    -2
//	half_down     2     1     1     1    -1    -1    -1    -2
//	half_floor    2     1     1     1    -1    -1    -2    -3
//	up            3     2     2     1    -1    -2    -2    -3
//	down          2     1     1     0     0    -1    -1    -2
//	floor         2     1     1     0    -1    -2    -2    -3
//	ceiling       3     2     2     1     0    -1    -1    -2
//
// The empty [Rounding] stands for a choice made elsewhere. Arithmetic does not guess: it is
// [ErrRounding].
//
// # Errors
//
// Every error reads "money: what: detail" and wraps one of [ErrInvalid], [ErrCurrencyMismatch],
// [ErrUnknownCurrency], [ErrOverflow], [ErrDivisionByZero], [ErrPrecision], [ErrRounding] and
// [ErrSyntax]; a mismatch is a [*MismatchError] that holds both currencies. With an error the
// result is the zero value, and a value that was being decoded into is unchanged. Only [MustParse]
// and [MustParseCurrency] panic.
//
// # Text
//
// An amount reads "12.50 USD": a sign if negative, major units, exactly the digits of the currency,
// one space, the code. Parsing is strict, see [Parse], except that fewer digits are enough: "12.5
// USD" and "12 USD" are read, "12.500 USD" is not. A negative zero is read as zero. A currency
// reads "USD", a rounding "half_up". The zero value of each of the three is the empty text, both
// ways.
//
// # JSON
//
//	{"amount":"12.50","currency":"USD"}
//
// The amount is a string: many readers would turn a JSON number into a float. Decoding is strict:
// the two names, in this case and once each, both strings, and nothing else; at most 1024 bytes.
// The zero Money is null, both ways. Currencies and roundings are JSON strings of their text.
//
// A field tagged omitzero is omitted when it is the zero Money or a nil *Money, never when it is an amount of 0.00.
package money
