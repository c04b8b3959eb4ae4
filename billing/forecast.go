package billing

import (
	"iter"

	"github.com/perennial-billing/perennial/subscription"
)

// Forecast yields the invoices that will be made if nothing more is done, from the
// checkpoint's mark on, one by one as they are asked for. It ends when no more can
// come, or with an error; it does not end by itself while the subscription renews,
// so take as many as you need. Each is what [Invoices] would make of it, marked as a
// [Invoice.Draft].
func Forecast(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, options ...Option) iter.Seq2[Invoice, error] {
	return func(yield func(Invoice, error) bool) {
		checkpoint.floor()
		o, err := gather(options)
		if err != nil {
			yield(Invoice{}, err)
			return
		}
		r, err := startingRun(sub, usage, checkpoint, o)
		if err == nil {
			err = r.accept(usage)
		}
		if err != nil {
			yield(Invoice{}, err)
			return
		}
		r.emit = func(inv Invoice) bool {
			inv.Draft = true
			return yield(inv, nil)
		}
		if err := r.playOn(); err != nil {
			yield(Invoice{}, wrap(err))
		}
	}
}
