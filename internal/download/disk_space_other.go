//go:build !linux

package download

// reserveSpace does nothing here: a full disk shows when it is written to.
func reserveSpace(diskFile, int64) error { return nil }
