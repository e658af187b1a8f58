// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package oci stands in for a remote-state backend that is never published as a module.
package oci

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend.
func New() backend.Backend { return nil }
