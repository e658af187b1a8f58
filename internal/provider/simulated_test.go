// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

// apiKey is the simulator's.
const apiKey = "sk-simulator"

// firstRun is the id of the first run that the simulator starts.
const firstRun = 100001

const runType = "sequentum_run"
