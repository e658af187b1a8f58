package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// exitWithParent ends this process when the one that started it is gone. On Windows an orphan keeps its parent's id,
// so the parent's handle is waited for.
func exitWithParent() error {
	parent, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(os.Getppid()))
	if err != nil {
		return err
	}
	go func() {
		if _, err := windows.WaitForSingleObject(parent, windows.INFINITE); err == nil {
			os.Exit(1)
		}
	}()
	return nil
}
