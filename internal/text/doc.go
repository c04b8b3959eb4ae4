// Package text is the one rule for the text that the rooms take in: ids, names, keys
// and references, which are lines, and reasons, descriptions and values of metadata,
// which may have several. It judges; the limits of length are those of the field.
//
// A line is valid UTF-8 without control characters (U+0000 to U+001F, U+007F to
// U+009F), without the line and paragraph separators U+2028 and U+2029, and without
// the characters that change the direction of text (U+061C, U+200E, U+200F, U+202A to
// U+202E, U+2066 to U+2069). It does not begin or end with white space: two names must
// not look alike and differ. A text of several lines may in addition hold line feeds and
// tabs, and white space anywhere; a carriage return is a control character in both.
//
// Everything else is allowed: no table of letters decides, because such a table grows
// with every release of Unicode, and what one release of a program has stored the next
// one must read. A joiner within an emoji or a Persian word is text like any other.
package text
