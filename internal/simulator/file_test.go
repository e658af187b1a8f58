// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"
	"testing/iotest"
)

func TestGeneratedContentDependsOnlyOnTheName(t *testing.T) {
	f := File{Name: new("a"), Size: 100_003}
	whole, err := io.ReadAll(f.Open())
	if err != nil || int64(len(whole)) != f.Length() {
		t.Fatalf("%d bytes, %v", len(whole), err)
	}
	if err := iotest.TestReader(f.Open(), whole); err != nil {
		t.Error(err)
	}
	for _, other := range []File{{Name: new("b"), Size: f.Size}, {Size: f.Size}} {
		content, err := io.ReadAll(other.Open())
		if err != nil || bytes.Equal(content, whole) {
			t.Errorf("another name has the same content, %v", err)
		}
	}
	shorter, err := io.ReadAll(File{Name: f.Name, Size: 77}.Open())
	if err != nil || sha256.Sum256(shorter) != sha256.Sum256(whole[:77]) {
		t.Errorf("a shorter file is no beginning of the longer one, %v", err)
	}
}

func BenchmarkGeneratedContent(b *testing.B) {
	f := File{Size: 64 << 20}
	b.SetBytes(f.Size)
	for b.Loop() {
		if _, err := io.Copy(io.Discard, f.Open()); err != nil {
			b.Fatal(err)
		}
	}
}
