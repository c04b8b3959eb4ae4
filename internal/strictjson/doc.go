// Package strictjson decodes JSON written by people and other programs,
// strictly and within bounds.
//
// # What it is
//
// encoding/json is lenient where a billing engine must not be: it matches names
// without regard to case, keeps the last of two equal names, drops names it does
// not know, replaces invalid UTF-8, and stops at the first fault. This package
// reads a document into a tree of nodes under [Limits], and decodes nodes into Go
// values, collecting every [Fault] with its path.
//
// A [Codec] reads and writes one type, by functions that were put together once from
// those of its parts: nothing looks at types while it works. [Struct], [List], [Map],
// [Pointer] and others make codecs of codecs; [Codec.Read] and [Codec.Append] use them,
// and [Codec.Shape] says what a JSON Schema can say of them. What is read outlives the
// document: strings are copies. [Decode] reads by the tags of any struct, which is
// shorter to write and slower; forms of tests and examples use it.
//
// # Rules
//
//   - A name must have the exact case and occur once. A name that the target does not
//     have is a fault at that name.
//   - Numbers are whole numbers without fraction and exponent, and fit the
//     integer they are decoded into. There are no floats; decimals are strings
//     (see package dec).
//   - null is accepted for pointers, maps, slices, [Node], json.RawMessage and
//     types whose own UnmarshalJSON accepts it, and for nothing else.
//   - Instants are RFC 3339 with at most nine decimals of a second, in years 1 to
//     9999, and become UTC.
//   - Text is valid UTF-8 without unpaired surrogates.
//   - Nothing follows the document.
//
// # Bounds
//
// Size, depth, length of names and strings, members and elements of one
// container, values in the whole document, and number of faults reported: see
// [Limits]. A document beyond a bound is a fault, and the work done to find out
// is bounded too.
//
// # Errors
//
// A fault has a path, such as charges[2].tiers[1].up_to, and an error. The empty
// path is the whole document. A document that is not JSON gives one fault, with
// the line and column in its message; everything else is collected, in the order
// of the document. A name that is not a plain word is quoted in a path:
// metadata["sales region"].
package strictjson
