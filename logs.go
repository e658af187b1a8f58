// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
)

// dropUnreadLogs turns off the logs of the plugin libraries when the CLI would throw them away. The libraries log every
// step as JSON at trace level. The CLI parses each line, and drops it unless TF_LOG or TF_LOG_PROVIDER is set. That takes
// more than a third of the time of a plan with many finished runs.
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

// isLogged reports whether this environment variable turns a log of the CLI on.
func isLogged(variable string) bool {
	level := os.Getenv(variable)
	return level != "" && !strings.EqualFold(level, "off")
}

// providerLog returns a context with a provider logger like the one that the plugin library gives to each call. Work that
// continues after its call, such as a shared wait, logs with it.
func providerLog(ctx context.Context) context.Context {
	return tfsdklog.NewRootProviderLogger(ctx, tfsdklog.WithStderrFromInit(),
		tfsdklog.WithLogName("sequentum"), tflog.WithLevelFromEnv("TF_LOG_PROVIDER", "sequentum"))
}
