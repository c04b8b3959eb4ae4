// Package picture draws what the library says, for people: the life of a subscription on an
// axis of time, bars, curves of prices, and the table of the lifecycle. A picture is a figure
// of HTML: an SVG and, beneath it, a table with the same figures, for who cannot see it or
// wants to copy a number.
//
// Pictures have no size of their own. All positions are shares of the width, so that text
// stays as large as it is from 340 pixels up, and labels that would overlap at 340 are left
// out: their figures are in the table and in the titles. Colours are those of [Style], for
// light and dark. The same input gives the same bytes. Positions are whole numbers: amounts
// of money are never floats, not even to be drawn.
//
// A page needs nothing but Style. The example simulate and the example service use it.
package picture
