package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// positiveDurationValidator asks for a Go duration above zero.
type positiveDurationValidator struct{}

func positiveDuration() validator.String { return positiveDurationValidator{} }

func (positiveDurationValidator) Description(context.Context) string {
	return `a duration above zero, such as "90s", "45m" or "2h"`
}

func (v positiveDurationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v positiveDurationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%q is not %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// timeoutsBlock is the library's block with validators that also refuse zero and negative durations.
func timeoutsBlock(ctx context.Context, opts timeouts.Opts) schema.Block {
	block, ok := timeouts.Block(ctx, opts).(schema.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	for name, attribute := range block.Attributes {
		if s, ok := attribute.(schema.StringAttribute); ok {
			s.Validators = []validator.String{positiveDuration()}
			block.Attributes[name] = s
		}
	}
	block.MarkdownDescription = "How long each operation may take, as durations such as `90s` or `2h`."
	return block
}
