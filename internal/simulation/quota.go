package simulation

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
)

// A quota is what was used of the feature "calls": as the service keeps it, and counted apart.
type quota struct {
	kept    feature.QuotaUsage
	windows map[[2]time.Time]*window
}

type window struct{ used, most decimal.Decimal }

// use asks for some of the feature, and sees that what was allowed never exceeds what was
// granted in its window.
func (l *life) use() error {
	e, err := l.telling.Subscription().Entitlement("calls", l.now)
	if err != nil || !e.Granted() {
		return nil
	}
	document, err := l.quota.kept.MarshalJSON()
	if err != nil {
		return err
	}
	var kept feature.QuotaUsage
	if err := kept.UnmarshalJSON(document); err != nil {
		return fmt.Errorf("a use cannot be read: %w\n%s", err, document)
	}
	amount := decimal.NewFromInt(int64(l.between(1, 9)))
	next, decision := e.Consume(kept, feature.Request{Amount: amount, At: l.now})
	if !decision.Allowed {
		l.counts["uses refused"]++
		return nil
	}
	l.quota.kept = next
	w, err := e.Window(l.now)
	if err != nil {
		return err
	}
	limit, limited := e.Limit()
	if !limited {
		return nil
	}
	if l.quota.windows == nil {
		l.quota.windows = map[[2]time.Time]*window{}
	}
	in := l.quota.windows[[2]time.Time{w.Start, w.End}]
	if in == nil {
		in = &window{}
		l.quota.windows[[2]time.Time{w.Start, w.End}] = in
	}
	in.used, in.most = in.used.Add(amount), decimal.Max(in.most, limit)
	if in.used.GreaterThan(in.most) {
		return fmt.Errorf("%s was used of %s in %s..%s", in.used, in.most, w.Start, w.End)
	}
	l.counts["uses"]++
	return nil
}
