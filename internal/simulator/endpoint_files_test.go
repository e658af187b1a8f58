// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestInlineDownloadAnswersWithTheContent(t *testing.T) {
	o := withAgents(products())
	o.InlineDownloads = true
	inBubble(t, o, func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		file := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))[0]
		r := tc.send("GET", runPathOf(id, "/file/"+number(file["id"])+"/download"), "")
		if tc.wantCode(r, http.StatusOK); r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
			tc.t.Errorf("the content is %q, %v", r.text, r.header)
		}
	})
}

func TestDownloadAlternatesBetween302And307(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		file := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))[0]
		for _, want := range []int{302, 307, 302} {
			tc.wantCode(tc.send("GET", runPathOf(id, "/file/"+number(file["id"])+"/download"), ""), want)
		}
	})
}

func TestListShowsTheListedSizeInsteadOfTheRealOne(t *testing.T) {
	for listed, want := range map[int64]any{0: 0.0, 5: 5.0, -1: nil, 1 << 60: float64(1 << 60)} {
		inBubble(t, oneFile(File{Content: "abc", ListedSize: &listed}), func(tc *testCloud) {
			link := tc.linkOfFinishedRun()
			got := tc.jsonList(tc.send("GET", runPathOf(firstRun, "/files"), ""))[0]
			if size, ok := got["fileSize"]; size != want || !ok || tc.fetchLink(link, "").text != "abc" {
				tc.t.Errorf("listed as %d: %v", listed, got)
			}
		})
	}
}
