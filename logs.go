package main

import (
	"context"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
)

// dropUnreadLogs keeps the plugin libraries from writing a log that the CLI throws away. By themselves they write
// every step, at trace level and as JSON, and the CLI parses it and drops it unless TF_LOG or TF_LOG_PROVIDER asks for
// it: more than a third of the time that a plan of many finished runs takes.
func dropUnreadLogs() error {
	if isLogged("TF_LOG") || isLogged("TF_LOG_PROVIDER") {
		return nil
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_SEQUENTUM"} {
		if err := os.Setenv(name, "off"); err != nil {
			return err
		}
	}
	return nil
}

// isLogged reports whether the variable asks the CLI for a log.
func isLogged(variable string) bool {
	level := os.Getenv(variable)
	return level != "" && !strings.EqualFold(level, "off")
}

// providerLog carries the log that the plugin library gives to each call.
func providerLog(ctx context.Context) context.Context {
	return tfsdklog.NewRootProviderLogger(ctx, tfsdklog.WithStderrFromInit(),
		tfsdklog.WithLogName("sequentum"), tflog.WithLevelFromEnv("TF_LOG_PROVIDER", "sequentum"))
}
