package simulator

import (
	"fmt"
	"slices"
)

// known is an error unless the value, of an agents file, is empty or one of those that there are.
func known[T ~string](what string, value T, values []T) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("%q is no %s: one of %q", string(value), what, values)
}
