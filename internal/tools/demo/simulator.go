// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// simulator is a simulated Sequentum Cloud in a separate process.
type simulator struct {
	URL    string `json:"url"`
	APIKey string `json:"api_key"`

	end     context.CancelFunc
	process *exec.Cmd
}

// startSimulator returns when the simulator is ready for requests.
func startSimulator(ctx context.Context, binary, agents string) (*simulator, error) {
	// After a Ctrl-C the CLI still sends requests, so the simulator must outlive it:
	// the end of ctx does not stop it. In a separate group it gets no Ctrl-C either.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	command := exec.CommandContext(life, binary, "-listen", "127.0.0.1:0", "-agents", agents)
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		end()
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	s := &simulator{process: command, end: end}
	lines := make(chan []byte, 1)
	go func() {
		line, _ := bufio.NewReader(output).ReadBytes('\n')
		lines <- line
	}()
	select {
	case line := <-lines:
		if err := json.Unmarshal(line, s); err != nil || s.URL == "" {
			s.stop()
			return nil, errors.New("starting the simulator: it ended before it was ready; its own error is above")
		}
		return s, nil
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
	}
	s.stop()
	return nil, errors.New("starting the simulator: it was not ready within 10 seconds, or the demo was interrupted")
}

// stop waits until the simulator has ended.
func (s *simulator) stop() {
	s.end()
	_ = s.process.Wait() // the error says only that stop ended the process
}

// phases shows each change of status of an agent's runs: the CLI itself shows
// only "Still creating...".
type phases struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func (s *simulator) showPhases(ctx context.Context, agent int) *phases {
	ctx, cancel := context.WithCancel(ctx)
	p := &phases{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		shown := map[int64]string{}
		// Slow enough to leave the provider its share of the key's 100 requests a minute.
		ticker := time.NewTicker(500 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.showChanges(ctx, agent, shown)
			}
		}
	}()
	return p
}

func (p *phases) end() {
	p.cancel()
	<-p.done
}

type runObject struct {
	ID        int64 `json:"id"`
	Status    int   `json:"status"`
	DataCount int64 `json:"dataCount"`
}

var statusNames = map[int]string{
	1: "Running", 2: "Exporting", 3: "Starting", 4: "Queuing", 5: "Stopping", 6: "Failure",
	8: "Stopped", 9: "Completed", 10: "Success", 12: "Waiting",
}

// showChanges prints a line for each run that is new or has changed since the
// last call; shown holds the last line of each run.
func (s *simulator) showChanges(ctx context.Context, agent int, shown map[int64]string) {
	runs, err := s.runs(ctx, agent)
	if err != nil {
		return // the next call tries again, and the CLI reports a real problem
	}
	for _, r := range runs {
		line := fmt.Sprintf("    run %d: %s", r.ID, statusNames[r.Status])
		if r.DataCount > 0 {
			line += fmt.Sprintf(", records extracted: %d", r.DataCount)
		}
		if shown[r.ID] != line {
			shown[r.ID] = line
			fmt.Println(line)
		}
	}
}

func (s *simulator) runs(ctx context.Context, agent int) ([]runObject, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/api/v1/agent/%d/runs", s.URL, agent), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "ApiKey "+s.APIKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var runs []runObject
	if err := json.NewDecoder(response.Body).Decode(&runs); err != nil {
		return nil, err
	}
	return runs, nil
}
