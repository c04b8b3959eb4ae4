// Package story holds no code but tests: whole stories of a subscription, each told
// to a golden file with what was done, what was so, how the life is cut into
// segments, and what was billed for it. They stand here because they need both
// subscription and billing.
package story
