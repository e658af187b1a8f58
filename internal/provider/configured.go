// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// The types of this file are embedded in the objects of the provider. There is one for each kind of object, because the
// framework has a request type for each. Each has the method Configure, which the framework calls with what the objects
// share. data is nil until the provider is configured: validation and schema need no provider block.

// configuredResource is embedded in every resource. It fits a list resource too.
type configuredResource struct{ data *providerData }

// Configure takes what the provider shares.
func (c *configuredResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	c.data, _ = req.ProviderData.(*providerData)
}

// configuredDataSource is embedded in every data source.
type configuredDataSource struct{ data *providerData }

// Configure takes what the provider shares.
func (c *configuredDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	c.data, _ = req.ProviderData.(*providerData)
}

// configuredEphemeral is embedded in every ephemeral resource.
type configuredEphemeral struct{ data *providerData }

// Configure takes what the provider shares.
func (c *configuredEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	c.data, _ = req.ProviderData.(*providerData)
}

// configuredAction is embedded in every action.
type configuredAction struct{ data *providerData }

// Configure takes what the provider shares.
func (c *configuredAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	c.data, _ = req.ProviderData.(*providerData)
}
