// Package strict reads the JSON files of the examples into Go values as strictly as the
// library reads its own documents, which is stricter than encoding/json: a name has its
// exact case and occurs once, a name that the target does not have is a fault, numbers are
// whole, decimals are strings, instants are RFC 3339, nothing follows the document. All
// faults are found at once, each with its path, in the order of the document.
//
// It has no rules of the engine: programs that import it read what people wrote for them,
// and hand the library's own documents to the library.
package strict
