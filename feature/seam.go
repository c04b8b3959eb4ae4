package feature

import "github.com/perennial-billing/perennial/internal/seam"

// What subscription borrows.
var _ = seam.Lend(seam.Granting[Grant, Override, Terms, Entitlement]{
	Join: join,
	Resolve: func(key string, plan Grant, inPlan bool, override Override, overridden bool, t Terms) (*Entitlement, error) {
		return resolve(Key(key), &plan, inPlan, &override, overridden, &t, true)
	},
})
