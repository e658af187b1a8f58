// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package sequentum is a client of the Sequentum Cloud API. API.md describes the API, and comments cite its headings.
//
// A request passes through a chain of handlers, one *_handler.go file each; handlers.go puts them together. Each area
// of the API has one file with its methods and the types that they return. The wire format is kept apart from them, in
// wire.go and the *_wire.go files, and is read leniently.
//
// To add an area, write NAME.go: a type for the wire format (see wire.go), a type that the methods return, a function that
// converts the first to the second, and for each call a method that uses fetchObject, fetchList or send. agents.go and
// agents_wire.go are the shortest example. Then describe the calls in API.md and in openapi.yaml.
//
// Of Terraform the package uses only the log, terraform-plugin-log.
package sequentum
