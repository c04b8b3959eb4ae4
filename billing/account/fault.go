package account

import (
	"fmt"
	"strings"
)

// wrap prefixes an error of another package with the name of this one.
func wrap(err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "account: ") {
		return err
	}
	return fmt.Errorf("account: %w", err)
}

func equalAll[T any](a, b []T, equal func(T, T) bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
