// Package seam is where a room lends the next one what is no use to anybody else, so that
// it does not stand on the room's public page: as in the standard library log lends slog
// the writing of a line, through log/internal. A room lends once, when the program starts
// and before any other code runs; nothing changes afterwards.
//
//	subscription -> billing: [Timeline]
//	plan -> billing: [Rating]
//	plan -> subscription: [Terms]
//	feature -> subscription: [Granting]
//	feature -> plan: [Preparing]
//	calendar -> subscription: [Grid]
//	billing -> billing/account, billing/prepaid: [Invoicing]
//	billing -> billing/document: [Documenting]
package seam
