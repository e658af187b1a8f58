// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playOutputs(g *guide) {
	shop := quick(simulator.Outcome{Status: simulator.Failure})
	content := "name,price\n" + strings.Repeat("boot,80\n", 100)
	shop.Files = []simulator.File{delivered("products.csv", content)}
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{shop}})
	warehouse := newWarehouse(w)
	system := g.section("To another system")
	w.file("main.tf", preamble+g.section("").take("terraform"))
	w.file("records.tf", g.section("Records as values").take("terraform"))
	w.file("file.tf", g.section("One file as a value").take("terraform"))
	w.file("disk.tf", g.section("Files on disk").take("terraform"))
	w.file("upload.tf", system.take("terraform"))
	w.file("link.tf", strings.Replace(system.take("terraform"), "https://warehouse.example", warehouse.URL, 1))
	w.standIn("aws", "cp \"$3\" in-s3\necho \"$4\" >>uploads")
	w.standIn("bq", "exit 1")

	w.wantFailure(w.apply(), "ended as Failure")
	w.shell(g.section("Files of a run that ended without success").take("sh"))
	w.beginShell("terraform apply").mustFail("in_bigquery", "output suppressed")
	w.standIn("bq", "cp \"$6\" in-bigquery")
	wantText(g.t, w.shell("terraform apply").output, `prices = { "boot" = [ "80",`)
	for _, place := range []string{"products/products.csv", "in-s3", "in-bigquery"} {
		if got := w.read(place); got != content {
			g.t.Errorf("%s has %q", place, got)
		}
	}
	if got := w.read("uploads"); got != "s3://shop-data/products.csv\n" {
		g.t.Errorf("uploaded were %q", got)
	}
	if got := warehouse.got.Load(); got == nil || *got != content {
		g.t.Errorf("the warehouse has %v", got)
	}
	w.wantPlan(nil)
	w.wantStarts(1)
}

// warehouse is a system that fetches from the link that it is sent.
type warehouse struct {
	*httptest.Server
	got atomic.Pointer[string]
}

func newWarehouse(w *workspace) *warehouse {
	h := &warehouse{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		h.got.Store(new(fetch(w.t, r.FormValue("source"))))
	}))
	w.t.Cleanup(h.Close)
	return h
}
