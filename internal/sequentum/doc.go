// Package sequentum is a client of the Sequentum Cloud API.
//
// A request passes through a chain of small handlers, one file each: retry,
// budget, authorization, log, attempt. One file per API area holds the methods
// and the types that they return; the wire format, which is read leniently, is
// kept apart from them in wire.go and in the *_wire.go files.
//
// Of Terraform the package knows only the log of terraform-plugin-log.
package sequentum
