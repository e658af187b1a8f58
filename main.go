// Command terraform-provider-sequentum serves the Terraform provider for Sequentum Cloud.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debugged := flag.Bool("debug", false, "serve for a debugger instead of a CLI, and print how to attach to it")
	flag.Parse()
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		// A plan leaves much garbage and keeps little: a heap of some 50 MiB more is a third less time. The limit is for
		// what is not little, such as the content of large files: from there on memory is worth more than time.
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(256 << 20)
	}

	var serverOptions []provider.ServerOption
	if !*debugged {
		// A signal to the whole process group must not end a wait before the CLI has halted: it would go on to what
		// depends on the run. The CLI's own stop request ends a wait, and so does the CLI's death.
		signal.Ignore(syscall.SIGTERM)
		if err := exitWithParent(); err != nil {
			log.Fatal("watching the CLI that started this provider: ", err)
		}
		called := make(chan struct{})
		serverOptions = append(serverOptions, provider.OnFirstCall(func() { close(called) }))
		go exitWithoutCall(called, os.Exit)
		if err := dropUnreadLogs(); err != nil {
			log.Fatal("setting the levels of the logs: ", err)
		}
	}
	var options []tf6server.ServeOpt
	if *debugged {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/sequentum/sequentum", func() tfprotov6.ProviderServer {
		return provider.NewServer(providerLog(context.Background()), provider.New(version, nil)(), serverOptions...)
	}, options...)
	if err != nil {
		log.Fatal(err)
	}
}
