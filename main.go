// Command terraform-provider-sequentum serves the Terraform provider for Sequentum Cloud.
package main

import (
	"context"
	"flag"
	"log"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger instead of a CLI, and print how to attach to it")
	flag.Parse()

	if !*debug {
		// A signal to the whole process group must not end a wait before the CLI has halted: it would go on to what
		// depends on the run. The CLI's own stop request ends a wait, and so does the CLI's death.
		signal.Ignore(syscall.SIGTERM)
		if err := exitWithParent(); err != nil {
			log.Fatal("watching the CLI that started this provider: ", err)
		}
	}
	err := providerserver.Serve(context.Background(), provider.New(version, nil), providerserver.ServeOpts{
		Address: "registry.terraform.io/sequentum/sequentum",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
