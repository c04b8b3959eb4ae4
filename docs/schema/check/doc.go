// Package check holds the JSON Schemas of this library's documents to its decoders, with
// a validator that knows nothing of either. It is a module of its own, so that importers
// of the library do not inherit the validator; it has nothing but tests.
package check
