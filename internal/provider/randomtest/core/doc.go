// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package core is a Terraform core in small. It drives the provider through its protocol, in process and on any clock, by
// the rules that the real core keeps: plan, apply, refresh, destroy, import, taint, Ctrl-C and kill -9. Only tests use it.
//
// A Core keeps a configuration and its state, runs commands on them, and tells an Observer what happens: the randomized
// test uses it so. A test of one resource uses a Process, which asks the provider one question at a time, and the rules
// (ProposedNew, InvalidPlan, Incompatible).
//
// What has to do with real processes and signals is tested with a real CLI instead.
package core
