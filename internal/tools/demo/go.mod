// The demo has a separate module without dependencies, so that Go alone is
// enough to build it.
module github.com/sequentum/terraform-provider-sequentum/internal/tools/demo

go 1.26.0
