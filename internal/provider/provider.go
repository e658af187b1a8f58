// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package provider maps Terraform's objects to Sequentum Cloud: schemas, plans and state. What a run's life means is in
// package run.
//
// Each object has its own files, named for it: run_resource*.go, run_download_*.go, run_files_data_source.go. What
// several objects share is in files named for what they hold: configured.go (Configure), validators.go, timeouts.go,
// time_limit.go, convert.go, describe.go, ids.go (import and identity), not_found.go, run_lookup.go (what reads a run
// takes and gives), lookups.go (what reads agents, spaces and credits shares), private_state.go, start_report.go,
// wait_report.go, stop_report.go; for actions action_invoke.go, action_config.go, progress.go.
package provider

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// typeName is the prefix of the names of all objects.
const typeName = "sequentum"

const defaultMaxRetries = 5

// New returns a constructor of the provider. version is the release and its commit, as in "1.2.3 (commit 0123456789ab)": the
// user agent and the reports of bugs contain it. clock tells the time for everything that waits; nil is the system's.
func New(version string, clock sequentum.Clock, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &sequentumProvider{version: version, clock: clock}
		for _, set := range options {
			set(p)
		}
		return p
	}
}

// Option configures the provider that [New] constructs.
type Option func(*sequentumProvider)

// WithTransport sends every request through transport; nil is the client's own, a pool of connections.
func WithTransport(transport http.RoundTripper) Option {
	return func(p *sequentumProvider) { p.transport = transport }
}

type sequentumProvider struct {
	version   string
	clock     sequentum.Clock
	transport http.RoundTripper
}

var (
	_ provider.ProviderWithEphemeralResources = (*sequentumProvider)(nil)
	_ provider.ProviderWithActions            = (*sequentumProvider)(nil)
	_ provider.ProviderWithListResources      = (*sequentumProvider)(nil)
)

type providerModel struct {
	APIURL            types.String `tfsdk:"api_url"`
	APIKey            types.String `tfsdk:"api_key"`
	AccessToken       types.String `tfsdk:"access_token"`
	RequestTimeout    types.String `tfsdk:"request_timeout"`
	MaxRetries        types.Int64  `tfsdk:"max_retries"`
	RequestsPerMinute types.Int64  `tfsdk:"requests_per_minute"`
}

func (p *sequentumProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (p *sequentumProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts agents of [Sequentum Cloud](https://www.sequentum.com), waits for their runs and downloads their files. " +
			"One apply starts one run. If the answer to a start is lost, the provider looks for the run before it sends the start again. The next apply continues an interrupted wait. A finished run is never started again by accident.",
		Attributes: map[string]schema.Attribute{
			"api_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The base URL of the API, without `/api/v1`. Defaults to the environment variable `SEQUENTUM_API_URL`, or to `https://dashboard.sequentum.com` if it is not set. Plain `http` is allowed only for a host on this machine, because it sends the key unencrypted.",
			},
			"api_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "An API key (`sk-…`). Defaults to the environment variable `SEQUENTUM_API_KEY`. Use the variable to keep the key out of the configuration. Conflicts with `access_token`.",
			},
			"access_token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "An OAuth 2 access token, instead of a key. Defaults to the environment variable `SEQUENTUM_ACCESS_TOKEN`. A token is valid for one hour. A longer wait ends with an error, and the run continues. Conflicts with `api_key`.",
			},
			"request_timeout": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{positiveDuration()},
				MarkdownDescription: "How long one request may take. Defaults to `30s`. If the answer to a start is lost, the provider searches for its run for this long. If no run appears in this time, the provider sends the start again.",
			},
			"max_retries": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 100)},
				MarkdownDescription: "How many times to repeat a request after a network or server error, if the request is safe to repeat. Defaults to 5. A start whose answer was lost is not repeated in this way. The provider first looks for its run among the agent's runs. It sends the start once more only if no run appears within `request_timeout`.",
			},
			"requests_per_minute": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "The maximum number of requests in any minute. Defaults to the limit that the server reports, and to 100 before its first report. Set it lower when several pipelines use the same key at the same time, for example to `45` in each of two pipelines.",
			},
		},
	}
}

// logInfo writes what happens to a run or a file to the provider's log (TF_LOG).
func logInfo(ctx context.Context, message string, fields map[string]any) {
	tflog.Info(ctx, message, fields)
}

// providerData is what every object of one provider configuration shares.
//
// An object that is about a run uses runs and downloads. Any other object asks client directly.
type providerData struct {
	client    *sequentum.Client
	runs      *run.Manager
	downloads *download.Downloader
	lookups   *lookups
	schedules *scheduleBook
	fileLists *sharedReads[sequentum.RunRef, []sequentum.File] // of finished runs
	costs     *sharedReads[costQuery, map[int64]float64]       // of runs, by their ids
	clock     sequentum.Clock
	version   string // of the provider
	// unknown names the arguments that are not known yet, while a plan is made in which they come from another
	// resource. Then there is neither a client nor anything that needs one.
	unknown []string
}

func (p *sequentumProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{version: p.version, unknown: model.unknown()}
	if len(data.unknown) == 0 {
		config := model.clientConfig(&resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
		config.UserAgent = "terraform-provider-sequentum/" + p.version
		config.Clock = p.clock
		config.Transport = p.transport
		if err := sequentum.CheckCredential(cmp.Or(config.APIKey, config.AccessToken)); err != nil {
			resp.Diagnostics.AddError("Invalid credentials", "The credential cannot be used: "+err.Error()+" It comes from api_key or access_token in the provider block, or from "+envAPIKey+" or "+envAccessToken+".")
			return
		}
		client, err := sequentum.New(config)
		if err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("api_url"), "Invalid API address", "The address cannot be used: "+err.Error()+". It comes from api_url in the provider block, or from "+envAPIURL+".")
			return
		}
		data.client = client
		data.runs = run.New(client)
		data.downloads = download.New(client, logInfo, p.transport, isPlainHTTP(config.BaseURL))
		data.schedules = newScheduleBook(client)
		data.clock = client.Clock()
		data.lookups = newLookups(data.clock)
		data.fileLists = newSharedReads[sequentum.RunRef, []sequentum.File](data.clock)
		data.costs = newSharedReads[costQuery, map[int64]float64](data.clock)
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

// isConfigured reports whether the provider has been configured with values that are known.
func (d *providerData) isConfigured() bool { return d != nil && d.client != nil }

// requireConfigured is isConfigured for an operation that needs the provider: it adds an error if the provider is not
// configured.
func (d *providerData) requireConfigured(diags *diag.Diagnostics) bool {
	if d.isConfigured() {
		return true
	}
	what := "A value in the provider block is not known yet. It comes"
	switch {
	case d == nil:
	case len(d.unknown) == 1:
		what = "The value of " + d.unknown[0] + " in the provider block is not known yet. It comes"
	default:
		what = "The values of " + strings.Join(d.unknown, " and ") + " in the provider block are not known yet. They come"
	}
	diags.AddError("The provider is not configured yet",
		what+" from a resource that is still to be created or changed. Apply that resource first, for example with `terraform apply -target=ADDRESS`. Or use a variable or the environment instead.")
	return false
}

func (p *sequentumProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newRunResource, newRunCompletionResource, newRunDownloadResource, newScheduleResource}
}

func (p *sequentumProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newRunDataSource, newRunsDataSource, newRunFilesDataSource, newRunFileDataSource, newRunRecordsDataSource,
		newAgentDataSource, newAgentsDataSource, newSpaceDataSource, newSpacesDataSource, newCreditsDataSource,
		newSchedulesDataSource,
	}
}

func (p *sequentumProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newRunFileURL}
}

func (p *sequentumProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newRunStartAction, newRunStopAction, newRunRemoveAction}
}

func (p *sequentumProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newRunListResource, newScheduleListResource}
}
