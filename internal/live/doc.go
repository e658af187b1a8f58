// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package live plays stories against a real account, and says what the account answered. It is the part of the test
// suite that needs no control over the cloud: `make live` runs it with the real CLI and the real provider.
//
// # What it touches
//
// All requests pass a [proxy] on the loopback interface. Its guard forwards what reads, starts of the one agent up to the
// number that was agreed on, and what changes a run or a schedule that the stories have created. It refuses all else, so
// that no fault of a story or of the provider can start one run too many, or stop, change or delete what is a stranger's.
// Links to files lead to another host, and are fetched directly.
//
// # What it records
//
// The proxy keeps each exchange in memory, for the questions that API.md has under "Not known" (questions.go). What
// reaches a file is a [Snapshot]: which fields an answer has and of which types, never what they contain (shape.go). Only
// names that the API's description has are written, and the values of codes such as a status.
//
// # What it checks
//
// [Deviations] compares snapshots with what the simulator answers to the same calls (reference.go). `make live` prints the
// differences. A test does the same with the snapshots in testdata/account, so that the simulator is held to them.
package live
