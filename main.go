// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-sequentum serves the Terraform provider for Sequentum Cloud.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
)

func main() {
	debugged := flag.Bool("debug", false, "run under a debugger: print the value of TF_REATTACH_PROVIDERS to set for the CLI")
	showVersion := flag.Bool("version", false, "print the version and the commit, and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println(buildDetails())
		return
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		// A plan creates much garbage and keeps little in memory. With these settings the heap grows by about 50 MiB, and
		// a plan takes a third less time. Above the limit, for example with the content of large files, saving memory is
		// more important than saving time.
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(256 << 20)
	}

	var serverOptions []provider.ServerOption
	if !*debugged {
		// SIGTERM can go to the whole process group. If it ended a wait before the CLI has stopped, the CLI would create
		// the resources that depend on the run, although the run has not finished. So the provider ignores SIGTERM: only
		// the stop request or the death of the CLI ends a wait.
		signal.Ignore(syscall.SIGTERM)
		if err := exitWithParent(); err != nil {
			log.Fatal("could not watch the CLI that started this provider: ", err)
		}
		called := make(chan struct{})
		serverOptions = append(serverOptions, provider.OnFirstCall(func() { close(called) }))
		go exitWithoutCall(called, os.Exit)
		if err := dropUnreadLogs(); err != nil {
			log.Fatal("could not set the log levels: ", err)
		}
	}
	var options []tf6server.ServeOpt
	if *debugged {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/sequentum/sequentum", func() tfprotov6.ProviderServer {
		return provider.NewServer(providerLog(context.Background()), provider.New(build(), nil)(), serverOptions...)
	}, options...)
	if err != nil {
		log.Fatal(err)
	}
}
