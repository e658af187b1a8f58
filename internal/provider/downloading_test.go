// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// downloading drives sequentum_run_download through the protocol, beside finished runs in a simulated cloud. It lives in a
// bubble, so that time costs nothing.
type downloading struct {
	*stage
	cloud *simulator.Cloud
	root  string // holds all directories
	// list, if set, changes the platform's lists of files on their way.
	list func(files []map[string]any) []map[string]any
	// panics: the way to the download host has a bug, once.
	panics bool
	once   sync.Once
}

const downloadType = "sequentum_run_download"

// inDownloading tells a story beside a finished run with these files.
func inDownloading(t *testing.T, files []simulator.File, story func(t *testing.T, d *downloading)) {
	t.Helper()
	inDownloadingOf(t, shop(files...), story)
}

func inDownloadingOf(t *testing.T, o simulator.Options, story func(t *testing.T, d *downloading)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &downloading{cloud: simulator.New(o), root: t.TempDir()}
		d.stage = &stage{t: t, typ: downloadType, transport: d}
		d.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
		d.arguments = map[string]tftypes.Value{
			"agent_id": core.Number(4711), "run_id": core.Number(firstRun), "directory": core.Text(d.path("out")),
			"overwrite": core.Bool(false), "allow_empty": core.Bool(false), "keep_on_destroy": core.Bool(false), "refetch_missing": core.Bool(true),
		}
		story(t, d)
	})
}

func (d *downloading) path(elements ...string) string {
	return filepath.Join(append([]string{d.root}, elements...)...)
}

// set changes an argument of the configuration.
func (d *downloading) set(name string, value any) {
	switch v := value.(type) {
	case string:
		d.arguments[name] = core.Text(v)
	case int:
		d.arguments[name] = core.Number(int64(v))
	case bool:
		d.arguments[name] = core.Bool(v)
	case map[string]string: // timeouts
		block := map[string]tftypes.Value{}
		kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String, "update": tftypes.String}}
		for name := range kind.AttributeTypes {
			block[name] = tftypes.NewValue(tftypes.String, nil)
		}
		for name, duration := range v {
			block[name] = core.Text(duration)
		}
		d.arguments[name] = tftypes.NewValue(kind, block)
	case nil:
		delete(d.arguments, name)
	}
}

// RoundTrip is the way to the cloud.
func (d *downloading) RoundTrip(req *http.Request) (*http.Response, error) {
	if d.panics && req.URL.Host == "downloads.simulator.invalid" {
		d.once.Do(func() { panic("a bug") })
	}
	resp, err := d.cloud.Transport().RoundTrip(req)
	if err == nil && resp.Header.Get("Location") != "" {
		resp.Header.Set("Location", strings.Replace(resp.Header.Get("Location"), "http:", "https:", 1)) // as the API's own address
	}
	if err != nil || d.list == nil || !strings.HasSuffix(req.URL.Path, "/files") || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	var files []map[string]any
	decoder := json.NewDecoder(resp.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&files); err != nil {
		return nil, err
	}
	changed, err := json.Marshal(d.list(files))
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(changed)), int64(len(changed))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// without leaves files of these names out of the lists.
func without(names ...string) func(files []map[string]any) []map[string]any {
	return func(files []map[string]any) []map[string]any {
		return slices.DeleteFunc(files, func(f map[string]any) bool { return slices.Contains(names, fmt.Sprint(f["name"])) })
	}
}

func noFiles([]map[string]any) []map[string]any { return []map[string]any{} }

// files are the names in state, ordered.
func (d *downloading) files() []string {
	d.t.Helper()
	if d.state == nil {
		d.t.Fatal("nothing is in state")
	}
	return slices.Sorted(maps.Keys(core.Attributes(core.Attributes(d.state.Value)["files"])))
}

// wantFiles fails the test unless exactly these are in state, each in the configured directory by its path.
func (d *downloading) wantFiles(names ...string) {
	d.t.Helper()
	slices.Sort(names)
	if got := d.files(); !slices.Equal(got, names) {
		d.t.Errorf("in state are %q, want %q", got, names)
	}
	files := core.Attributes(core.Attributes(d.state.Value)["files"])
	for name, file := range files {
		if got, want := core.TextOf(file, "path"), filepath.Join(core.TextOf(d.state.Value, "directory"), name); got != want {
			d.t.Errorf("the path of %q is %q, want %q", name, got, want)
		}
	}
}

// wantOn fails the test unless a directory holds exactly these files.
func (d *downloading) wantOnDisk(directory string, names ...string) {
	d.t.Helper()
	entries, err := os.ReadDir(d.path(directory))
	if err != nil && !os.IsNotExist(err) {
		d.t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		d.t.Errorf("in %s are %q, want %q", directory, got, names)
	}
}

// write makes a file, and its directory.
func (d *downloading) write(content string, elements ...string) {
	d.t.Helper()
	path := d.path(elements...)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, []byte(content), 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *downloading) read(elements ...string) string {
	d.t.Helper()
	content, err := os.ReadFile(d.path(elements...))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(content)
}

func (d *downloading) remove(elements ...string) {
	d.t.Helper()
	if err := os.RemoveAll(d.path(elements...)); err != nil {
		d.t.Fatal(err)
	}
}

// requests are how many were sent about files, since the last time.
func (d *downloading) requests() int {
	n := d.cloud.Count(simulator.KindFiles) + d.cloud.Count(simulator.KindDownload) + d.cloud.Count(simulator.KindRuns)
	d.cloud.ResetCounts()
	return n
}

// refusing answers requests of a kind with a status, until it is undone.
func (d *downloading) refusing(kind simulator.Kind, code int) {
	d.cloud.Inject(simulator.Fault{Kind: kind, Times: -1, Action: simulator.StatusCode, Code: code})
}
