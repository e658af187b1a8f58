// Reports what the tests cover. It has no dependencies, and so no part in the provider's own.
module github.com/sequentum/terraform-provider-sequentum/internal/tools/cover

go 1.26.0
