package provider

import (
	"context"
	"fmt"
	"time"

	datasourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	ephemeraltimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// defaultFileTimeout is how long a data source reads, and an ephemeral resource opens.
const defaultFileTimeout = 10 * time.Minute

const (
	fileTimeoutsDescription = "How long the operation may take, as a duration such as `90s` or `2h`."
	fileTimeoutDescription  = "Defaults to `10m`. When it passes, the error says what it was waiting for."
)

// dataSourceTimeouts is the library's block with a validator that also refuses zero and negative durations.
func dataSourceTimeouts(ctx context.Context) map[string]datasource.Block {
	block, ok := datasourcetimeouts.Block(ctx).(datasource.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	block.Attributes["read"] = datasource.StringAttribute{
		Optional: true, Validators: []validator.String{positiveDuration()}, MarkdownDescription: fileTimeoutDescription,
	}
	block.MarkdownDescription = fileTimeoutsDescription
	return map[string]datasource.Block{"timeouts": block}
}

// ephemeralTimeouts is the same for an ephemeral resource.
func ephemeralTimeouts(ctx context.Context) map[string]ephemeral.Block {
	block, ok := ephemeraltimeouts.Block(ctx).(ephemeral.SingleNestedBlock)
	if !ok {
		panic("the timeouts library no longer returns a single nested block")
	}
	block.Attributes["open"] = ephemeral.StringAttribute{
		Optional: true, Validators: []validator.String{positiveDuration()}, MarkdownDescription: fileTimeoutDescription,
	}
	block.MarkdownDescription = fileTimeoutsDescription
	return map[string]ephemeral.Block{"timeouts": block}
}

// timeLimit is what an operation may take, and how it ended.
type timeLimit struct {
	ctx, limited context.Context
	name         string // such as "timeouts.read"
	length       time.Duration
}

// limit bounds an operation, whose context is the one that it returns. The provider need not be configured.
func (d *providerData) limit(ctx context.Context, name string, length time.Duration) (*timeLimit, context.Context, context.CancelFunc) {
	var clock sequentum.Clock
	if d != nil {
		clock = d.clock
	}
	limited, cancel := sequentum.WithTimeout(ctx, clock, length)
	return &timeLimit{ctx: ctx, limited: limited, name: name, length: length}, limited, cancel
}

// cut says how the operation was cut short.
func (l *timeLimit) cut() cutShort { return howCut(l.ctx, l.limited) }

// over is the sentence about an operation whose time has passed.
func (l *timeLimit) over() string {
	return fmt.Sprintf("The time for %s, %v, has passed.", l.name, l.length)
}

// explain says of an error whether it came from the end of the operation, and what that was waiting for.
func (l *timeLimit) explain(err error) string {
	switch cut := l.cut(); {
	case cut.timedOut:
		return paragraphs(l.over(), "At the end: "+err.Error(), "The host may be slow or refuse requests for a while. Run it again later, or raise the limit.")
	case cut.interrupted:
		return paragraphs("The operation was interrupted.", "At that moment: "+err.Error())
	}
	return err.Error()
}
