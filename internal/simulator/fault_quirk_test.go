// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"testing"
)

func TestQuirkChangesTheAnswerOfTheDownloadHost(t *testing.T) {
	for name, connect := range pipeTransports {
		t.Run(name, func(t *testing.T) {
			inBubbleOver(t, oneFile(File{Content: "0123456789"}), connect, func(tc *testCloud, _ *PipeTransport) {
				link := tc.linkOfFinishedRun()
				for _, test := range []struct {
					quirk        Quirk
					ranges       string
					code         int
					text, length string
					contentRange string
				}{
					{"", "", 200, "0123456789", "10", ""},
					{UnaskedRange, "", 206, "01234", "5", "bytes 0-4/10"},
					{UnaskedRange, "bytes=8-", 206, "89", "2", "bytes 8-9/10"},
					{UnknownSize, "bytes=8-", 206, "89", "2", "bytes 8-9/*"},
					{UnknownSize, "", 200, "0123456789", "10", ""},
					{Chunked, "", 200, "0123456789", "", ""},
					{Chunked, "bytes=8-", 206, "89", "", "bytes 8-9/10"},
					{IgnoresRange, "bytes=8-", 200, "0123456789", "10", ""},
					{ShiftedRange, "bytes=7-", 206, "89", "2", "bytes 8-9/10"},
					{ShiftedRange, "", 200, "0123456789", "10", ""},
				} {
					tc.Inject(Fault{Kind: KindSignedDownload, Quirk: test.quirk})
					r := tc.fetchLink(link, test.ranges)
					if r.err != nil || r.code != test.code || r.text != test.text || r.header.Get("Content-Length") != test.length ||
						r.header.Get("Content-Range") != test.contentRange {
						tc.t.Errorf("%s %s: %d %q %v", test.quirk, test.ranges, r.code, r.text, r.header)
					}
				}
			})
		})
	}
}
