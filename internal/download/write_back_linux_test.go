// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
)

// What cannot be written back early is no error, and every other fault is one.
func TestStartWriteBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.bin")
	open := func(flag int) *os.File {
		f, err := os.OpenFile(path, flag, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	regular := open(os.O_WRONLY | os.O_CREATE)
	if _, err := regular.WriteString("content"); err != nil {
		t.Fatal(err)
	}
	_, pipe, err := os.Pipe() // the system answers ESPIPE
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	closed := open(os.O_WRONLY)
	closed.Close()
	for name, c := range map[string]struct {
		file *os.File
		want string
	}{
		"a file on disk":                    {regular, "<nil>"},
		"a file that is never written back": {pipe, "<nil>"},
		"no file":                           {nil, "invalid argument"},
		"a closed file":                     {closed, "use of closed file"},
		"a file that was opened as a path":  {open(unix.O_PATH), "write " + path + ": bad file descriptor"},
	} {
		if got := fmt.Sprint(download.StartWriteBack(c.file)); got != c.want {
			t.Errorf("%s: %q, expected %q", name, got, c.want)
		}
	}
}

// Lack of memory passes, and a full or broken disk does not.
func TestLastSyncWrites(t *testing.T) {
	t.Parallel()
	for refused, want := range map[error]bool{
		unix.ENOMEM: true, unix.EAGAIN: true, unix.EINTR: true, unix.ENOSYS: true, unix.EPERM: true,
		unix.EIO: false, unix.ENOSPC: false, unix.EDQUOT: false, unix.EROFS: false,
	} {
		if got := download.LastSyncWrites(refused); got != want {
			t.Errorf("%v: %v, expected %v", refused, got, want)
		}
	}
}
