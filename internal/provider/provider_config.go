// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	defaultAPIURL = "https://dashboard.sequentum.com"

	envAPIURL      = "SEQUENTUM_API_URL"
	envAPIKey      = "SEQUENTUM_API_KEY"
	envAccessToken = "SEQUENTUM_ACCESS_TOKEN"
)

// unknown names the arguments whose values are not known yet.
func (m *providerModel) unknown() []string {
	var names []string
	for _, argument := range []struct {
		name  string
		value attr.Value
	}{
		{"api_url", m.APIURL},
		{"api_key", m.APIKey},
		{"access_token", m.AccessToken},
		{"request_timeout", m.RequestTimeout},
		{"max_retries", m.MaxRetries},
		{"requests_per_minute", m.RequestsPerMinute},
	} {
		if argument.value.IsUnknown() {
			names = append(names, argument.name)
		}
	}
	return names
}

// clientConfig takes each value from the block, else from the environment, else its default.
func (m *providerModel) clientConfig(diags *diag.Diagnostics) sequentum.Config {
	config := sequentum.Config{
		BaseURL:           cmp.Or(m.APIURL.ValueString(), os.Getenv(envAPIURL), defaultAPIURL),
		MaxRetries:        defaultMaxRetries,
		RequestsPerMinute: int(m.RequestsPerMinute.ValueInt64()),
	}
	config.APIKey, config.AccessToken = m.credentials(diags)
	config.CredentialFrom = "api_key or " + envAPIKey
	if config.AccessToken != "" {
		config.CredentialFrom = "access_token or " + envAccessToken
	}
	if !m.MaxRetries.IsNull() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	if !m.RequestTimeout.IsNull() {
		config.RequestTimeout, _ = time.ParseDuration(m.RequestTimeout.ValueString()) // validated
	}
	return config
}

// credentials returns either a key or a token. The block wins over the environment, and an empty value is no value.
func (m *providerModel) credentials(diags *diag.Diagnostics) (key, token string) {
	key, token = m.APIKey.ValueString(), m.AccessToken.ValueString()
	if key != "" && token != "" {
		diags.AddAttributeError(path.Root("access_token"), "Two credentials",
			"The provider block sets both api_key and access_token. Keep one of them.")
		return "", ""
	}
	if key == "" && token == "" {
		key, token = os.Getenv(envAPIKey), os.Getenv(envAccessToken)
		if key != "" && token != "" {
			diags.AddError("Two credentials",
				"The environment sets both "+envAPIKey+" and "+envAccessToken+". Unset one of them, or set the one to use in the provider block.")
			return "", ""
		}
	}
	if key == "" && token == "" {
		diags.AddAttributeError(path.Root("api_key"), "Missing credentials",
			"Sequentum Cloud needs an API key: set the environment variable "+envAPIKey+", or api_key in the provider block. "+
				"To use an OAuth access token instead, set "+envAccessToken+" or access_token.")
	}
	return key, token
}

// isPlainHTTP reports whether the API is reached unencrypted, which the provider block allows on this machine only.
// The links to files may then be unencrypted too.
func isPlainHTTP(apiURL string) bool {
	scheme, _, _ := strings.Cut(apiURL, "://")
	return strings.EqualFold(scheme, "http")
}
