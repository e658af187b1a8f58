// The demo has a module of its own and no dependencies, so that it builds on a
// machine that has no more than Go.
module github.com/sequentum/terraform-provider-sequentum/internal/tools/demo

go 1.26.0
