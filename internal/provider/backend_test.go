// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"sync"
)

// stateBackend is a remote state: what the CLI's http backend needs.
type stateBackend struct {
	mu    sync.Mutex
	state string
	lock  string // who holds the lock, as the CLI writes it; empty: nobody
}

func (b *stateBackend) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// holder is who holds the lock.
func (b *stateBackend) holder() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lock
}

// unlock takes the lock from whoever holds it.
func (b *stateBackend) unlock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lock = ""
}

func (b *stateBackend) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the CLI was killed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.Method == "LOCK" && b.lock != "":
		rw.WriteHeader(http.StatusLocked)
		_, _ = io.WriteString(rw, b.lock)
	case r.Method == "LOCK":
		b.lock = string(body)
	case r.Method == "UNLOCK":
		b.lock = ""
	case r.Method == http.MethodPost:
		b.state = string(body)
	case b.state == "":
		rw.WriteHeader(http.StatusNotFound)
	default:
		_, _ = io.WriteString(rw, b.state) // the CLI may have gone
	}
}

// useRemoteState moves the workspace to a remote state. That takes an init, which a dev override does not survive: the
// provider comes from a mirror on disk.
func (w *workspace) useRemoteState() {
	w.t.Helper()
	w.useBackend("")
}

// useLockedState is useRemoteState with locks.
func (w *workspace) useLockedState() {
	w.t.Helper()
	w.useBackend("\n    lock_address   = %[1]q\n    unlock_address = %[1]q")
}

func (w *workspace) useBackend(arguments string) {
	w.t.Helper()
	w.remote = &stateBackend{}
	server := httptest.NewServer(w.remote)
	w.t.Cleanup(server.Close)
	w.useMirror("0.0.1")
	w.file("backend.tf", fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %[1]q"+arguments+"\n  }\n}\n", server.URL))
	w.mustRun("init", "-no-color", "-input=false")
}

// useMirror has init install the provider, as this version, from a mirror on disk.
func (w *workspace) useMirror(version string) {
	w.t.Helper()
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		w.install(filepath.Join("mirror", registry, "sequentum/sequentum", version, runtime.GOOS+"_"+runtime.GOARCH, providerName+"_v"+version))
	}
	w.file("cli.tfrc", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(w.dir, "mirror")))
}
