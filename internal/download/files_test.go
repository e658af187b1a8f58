// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestListFiles(t *testing.T) {
	files := []simulator.File{{Name: new("b.csv"), Content: "1"}, {Name: new("a.csv"), Content: "2"}}
	inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
		if len(s.files) != 2 || s.files[0].ID >= s.files[1].ID {
			t.Errorf("the files are %v", s.files)
		}
		if _, err := s.downloads.Files(t.Context(), sequentum.RunRef{AgentID: agentID, RunID: 1}); !sequentum.IsNotFound(err) {
			t.Errorf("the files of no run: %v", err)
		}
	})
}
