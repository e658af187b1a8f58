// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	datasourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	ephemeraltimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	resourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	action "github.com/hashicorp/terraform-plugin-framework/action/schema"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// The timeouts blocks are the library's, with validators that also refuse zero and negative durations.

// defaultLookupTimeout is how long a data source reads, and an ephemeral resource opens.
const defaultLookupTimeout = 10 * time.Minute

const (
	lookupTimeoutsDescription = "How long the operation may take, as a duration such as `90s` or `2h`."
	lookupTimeoutDescription  = "Defaults to `10m`. When this time has passed, the error says what the provider was waiting for."
)

// timeoutsBlock is the block of a resource.
func timeoutsBlock(ctx context.Context, opts resourcetimeouts.Opts) resource.Block {
	block, ok := resourcetimeouts.Block(ctx, opts).(resource.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	for name, attribute := range block.Attributes {
		if s, ok := attribute.(resource.StringAttribute); ok {
			s.Validators = []validator.String{positiveDuration()}
			block.Attributes[name] = s
		}
	}
	block.MarkdownDescription = "How long each operation may take, as durations such as `90s` or `2h`."
	return block
}

// dataSourceTimeouts is the block of a data source, with read.
func dataSourceTimeouts(ctx context.Context) map[string]datasource.Block {
	block, ok := datasourcetimeouts.Block(ctx).(datasource.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	block.Attributes["read"] = datasource.StringAttribute{
		Optional: true, Validators: []validator.String{positiveDuration()}, MarkdownDescription: lookupTimeoutDescription,
	}
	block.MarkdownDescription = lookupTimeoutsDescription
	return map[string]datasource.Block{"timeouts": block}
}

// ephemeralTimeouts is the block of an ephemeral resource, with open.
func ephemeralTimeouts(ctx context.Context) map[string]ephemeral.Block {
	block, ok := ephemeraltimeouts.Block(ctx).(ephemeral.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	block.Attributes["open"] = ephemeral.StringAttribute{
		Optional: true, Validators: []validator.String{positiveDuration()}, MarkdownDescription: lookupTimeoutDescription,
	}
	block.MarkdownDescription = lookupTimeoutsDescription
	return map[string]ephemeral.Block{"timeouts": block}
}

// actionTimeouts is the block of an action, with invoke.
func actionTimeouts(ctx context.Context, invokeDescription string) map[string]action.Block {
	block, ok := actiontimeouts.Block(ctx).(action.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	block.Attributes["invoke"] = action.StringAttribute{
		Optional: true, Validators: []validator.String{positiveDuration()}, MarkdownDescription: invokeDescription,
	}
	block.MarkdownDescription = lookupTimeoutsDescription
	return map[string]action.Block{"timeouts": block}
}

// lookupLimit is the timeout of a lookup: its name, such as "timeouts.read", and its length.
type lookupLimit struct {
	name   string
	length time.Duration
}

// readLimit is the timeout of a data source.
func readLimit(ctx context.Context, configured datasourcetimeouts.Value, diags *diag.Diagnostics) lookupLimit {
	length, d := configured.Read(ctx, defaultLookupTimeout)
	diags.Append(d...)
	return lookupLimit{"timeouts.read", length}
}
