// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

// LastSyncWrites reports whether the last sync can write although an early write-back was refused.
var LastSyncWrites = lastSyncWrites
