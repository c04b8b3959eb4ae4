package wire_test

import (
	"testing"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
)

func TestNoWordIsForgotten(t *testing.T) {
	t.Parallel()
	wiretest.Words(t, "mode.go", "Mode", wire.Modes(), wire.Mode.IsValid)
	wiretest.Words(t, "fields.go", "Class", wire.Classes(), wire.Class.IsValid)
	wiretest.Words(t, "stamp.go", "Stamp", wire.Stamps(), wire.Stamp.IsValid)
}
