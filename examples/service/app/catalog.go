package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

var (
	errSold = fault.New(fault.Refused, "app: a plan version that was sold must stay as it is: add a version")
	errPlan = fault.NotFound.Errorf("the catalog has no such plan version")
)

type catalog struct {
	*plan.Catalog
	revision int
}

// Catalog returns the latest catalog of a tenant; an empty one before the first.
func (a *App) Catalog(ctx context.Context, tenant string) (*plan.Catalog, error) {
	latest, err := a.catalog(ctx, tenant)
	return latest.Catalog, err
}

func (a *App) catalog(ctx context.Context, tenant string) (catalog, error) {
	stored, err := a.Store.Catalog(ctx, tenant)
	if errors.Is(err, store.ErrUnknown) {
		none, err := plan.NewCatalog()
		return catalog{none, 0}, err
	}
	if err != nil {
		return catalog{}, err
	}
	if known, ok := a.catalogs.Load(tenant); ok && known.(catalog).revision >= stored.Revision {
		return known.(catalog), nil
	}
	decoded, err := plan.DecodeCatalog([]byte(stored.Document))
	if err != nil {
		return catalog{}, fmt.Errorf("app: stored catalog: %w", hidden{err})
	}
	latest := catalog{decoded, stored.Revision}
	a.catalogs.Store(tenant, latest)
	return latest, nil
}

// AddCatalog makes a catalog the tenant's. All plan versions of the one before must be in
// it unchanged: they were sold.
func (a *App) AddCatalog(ctx context.Context, tenant string, document []byte) error {
	next, err := plan.DecodeCatalog(document)
	if err != nil {
		return err
	}
	before, err := a.catalog(ctx, tenant)
	if err != nil {
		return err
	}
	for _, id := range before.Plans() {
		for _, sold := range before.Versions(id) {
			now, err := next.Lookup(sold.Ref())
			if err != nil || !now.Plan().Equal(sold.Plan()) {
				return fmt.Errorf("%w: %s", errSold, sold.Ref())
			}
		}
	}
	return a.Store.Transact(ctx, func(tx store.Tx) error {
		return tx.AddCatalog(ctx, tenant, store.Catalog{Document: string(document), Revision: before.revision + 1})
	})
}

// maxDecoded is how often is remembered what was decoded, before all is forgotten.
const maxDecoded = 10_000

// Decode reads the documents of a row. It remembers what it read: a value is immutable, and
// the hot path of entitlements reads the same row again and again, half of whose time this
// is. That is only right if the documents are the same, byte for byte.
func (a *App) Decode(ctx context.Context, row store.Row) (State, error) {
	key := [2]string{row.Tenant, row.ID}
	if held, ok := a.decoded.Load(key); ok {
		if known := held.(State); known.Row.Document == row.Document && known.Row.Checkpoint == row.Checkpoint {
			known.Row = row
			return known, nil
		}
	}
	out, err := State{Row: row}, error(subscription.ErrLostPlan)
	if seen, ok := a.catalogs.Load(row.Tenant); ok {
		out.Sub, err = subscription.Decode([]byte(row.Document), seen.(catalog).Catalog)
	}
	if errors.Is(err, subscription.ErrLostPlan) { // another process may have added it
		latest, failed := a.Catalog(ctx, row.Tenant)
		if failed != nil {
			return out, failed
		}
		out.Sub, err = subscription.Decode([]byte(row.Document), latest)
	}
	if err == nil {
		err = json.Unmarshal([]byte(row.Checkpoint), &out.Checkpoint)
	}
	if err != nil {
		return out, fmt.Errorf("app: stored subscription %q: %w", row.ID, hidden{err})
	}
	if a.held.Add(1) > maxDecoded {
		a.decoded.Clear()
		a.held.Store(0)
	}
	a.decoded.Store(key, out)
	return out, nil
}

// hidden keeps the class of what is wrong with our own data from the client, who is not to
// blame.
type hidden struct{ error }

func (h hidden) Unwrap() error { return fault.New(fault.Internal, h.Error()) }

// AddTenant adds a tenant and returns its API key, of 256 random bits. Only the hash is
// stored. A key of that length needs no salt: there is no dictionary of them.
func (a *App) AddTenant(ctx context.Context, id string) (string, error) {
	key := "pk_" + base64.RawURLEncoding.EncodeToString(random())
	return key, a.Store.Transact(ctx, func(tx store.Tx) error { return tx.AddTenant(ctx, id, HashKey(key)) })
}

// HashKey is what is stored of a key.
func HashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func random() []byte {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // never fails
	return bits
}
