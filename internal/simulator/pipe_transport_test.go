// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestPipeTransportWorksAtAFakeClock(t *testing.T) {
	for name, connect := range pipeTransports {
		t.Run(name, func(t *testing.T) {
			a := products()
			a.Files = []File{{Size: 1 << 20}}
			inBubbleOver(t, withAgents(a), connect, func(tc *testCloud, pipes *PipeTransport) {
				begin := time.Now()
				id := tc.startRun()
				time.Sleep(time.Hour)
				tc.wantStatus(id, Completed)
				files := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))
				link := tc.send("GET", runPathOf(id, "/file/"+number(files[0]["id"])+"/download"), "").header.Get("Location")
				if r := tc.fetchLink(link, ""); len(r.text) != 1<<20 || r.err != nil {
					tc.t.Errorf("the file has %d bytes, %v", len(r.text), r.err)
				}
				if took := time.Since(begin); took != time.Hour {
					tc.t.Errorf("it took %v, want an hour", took)
				}
				if r := tc.Log()[0]; r.Proto != name {
					tc.t.Errorf("it spoke %s", r.Proto)
				}
				pipes.CloseIdleConnections()
				pipes.Refuse(true)
				if _, err := tc.trySend("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
					tc.t.Errorf("a host that is down: %v", err)
				}
				pipes.Refuse(false)
				tc.wantStatus(id, Completed)
				tc.Inject(Fault{Action: Hang})
				failed := make(chan error)
				go func() {
					// Not a GET, which net/http sends again when the connection that it used again is lost.
					_, err := tc.trySend("POST", "/agent/4711/start", "{}")
					failed <- err
				}()
				synctest.Wait()
				if err := pipes.Close(); err != nil {
					tc.t.Error(err)
				}
				if err := <-failed; err == nil {
					tc.t.Error("a request that hangs was answered")
				}
				if _, err := tc.trySend("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
					tc.t.Errorf("a host that is closed: %v", err)
				}
			})
		})
	}
}
