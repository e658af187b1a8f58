// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import "context"

// LogFunc takes one line about what happens to a run or a file, with its fields. ctx is the context of the call that the
// line belongs to: it has ended if the call was interrupted or its time is over.
type LogFunc func(ctx context.Context, message string, fields map[string]any)
