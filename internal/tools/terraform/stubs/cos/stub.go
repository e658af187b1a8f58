// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package cos stands in for a remote-state backend that is never published as a module.
package cos

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend.
func New() backend.Backend { return nil }
