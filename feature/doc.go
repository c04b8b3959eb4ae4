// Package feature says what a subscription lets its owner do: grants as a plan
// states them, and the questions asked of them.
package feature
