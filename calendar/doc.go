// Package calendar answers questions of time for billing: where the periods of a
// subscription lie, what share of one a part is, and which civil day an instant
// belongs to.
package calendar
