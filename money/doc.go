// Package money holds amounts: a whole number of minor units and its currency.
package money
