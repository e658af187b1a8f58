package sequentum

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logHandler writes a line for each try: never a header, a body or a query.
type logHandler struct {
	next http.RoundTripper
}

func (h logHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := h.next.RoundTrip(req)
	fields := map[string]any{
		"method":      req.Method,
		"path":        req.URL.Path,
		"duration_ms": time.Since(began).Milliseconds(),
		"attempt":     callOf(req.Context()).tries.sent,
	}
	if err != nil {
		fields["error"] = err.Error()
	} else {
		fields["status"] = resp.StatusCode
	}
	tflog.Debug(req.Context(), "Sequentum API request", fields)
	return resp, err
}

// logUnknownStatus says why a wait may go on for long: a status that is not in the
// API's table counts as active.
func logUnknownStatus(ctx context.Context, run *Run) {
	if run.Status.Known() {
		return
	}
	tflog.Warn(ctx, "A run has a status that is not in the API's table, it counts as active", map[string]any{
		"agent_id": run.AgentID,
		"run_id":   run.ID,
		"status":   run.Status.String(),
	})
}

// LogFunc takes one line about what happens to a run or a file, with its fields.
type LogFunc func(ctx context.Context, message string, fields map[string]any)
