// Package fault is the one model of errors of this module: what is wrong, where, and
// what it means to whoever answers for a request. It is a leaf: every room uses it, and
// it imports none of them.
//
// # Kinds
//
// [Kind] sorts every error of every room into one of six classes, through any wrapping
// and joining. An HTTP layer needs one switch:
//
//	class     it says                                                      status
//	Invalid   the request or the document is wrong in itself               400, or 422
//	Missing   what the request names does not exist                        404
//	Refused   well formed, but not permitted in this state                 409, 422, or 403
//	Late      dated before what is already settled                         409
//	Conflict  somebody else was first: read again, then decide             409, or 412
//	Internal  nothing that the client sends could help: log it and look    500
//
// The class of nil is None, the zero Class. Where several errors are joined, the first
// in the order of [Classes] decides: Internal, Invalid, Missing, Late, Refused, Conflict.
//
// "Not found" has two meanings, and two classes. A plan, a charge or a feature that a
// request names and that is not there is Missing. A stored document that names what the
// catalog has lost, or a checkpoint of another subscription, is Internal: the client
// asked for nothing of the kind. Amounts and quantities that are out of range, and sums
// of them that overflow, are Invalid: the figures that came in are the reason. A zero
// value in place of a subscription or a schedule is a mistake of the program: Internal.
//
// An error that an importer makes has a class if it wraps one made by [New], or one of
// this module; any other, such as that of a hook, is Internal.
//
// # Faults
//
// What validates or decodes finds all faults at once and joins one [FieldError] for
// each: the path of the value, a [Code] for machines, and a sentence. [Faults] takes
// such an error apart, whatever room it comes from and however it was wrapped on the
// way. Codes are a closed set; a program translates them, and may show the sentence,
// which quotes what the client sent, to those who read English. A sentence is plain
// text: escape it where it is shown.
package fault
