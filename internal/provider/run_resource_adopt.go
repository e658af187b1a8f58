package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// What an import leaves to be done. An import while the provider is not configured is refused. Versions before that
// saved states of runs that were never read, and those are completed here.

const importingKey = "importing"

// neverRead reports whether state holds no more of the run than its name.
func (m *runModel) neverRead() bool { return m.Status.IsNull() }

// numberless reports whether the run came of an import and was not read before a wait for it: a refresh completes
// it. Its end was nobody's to accept.
func (m *runModel) numberless() bool { return m.ID.IsNull() }

// forgetAll plans the first read of a run: nothing but its name is known.
func (m *runModel) forgetAll() {
	m.setUnknown()
	m.ID = types.StringUnknown()
	m.RunIDs = types.ListUnknown(types.Int64Type)
	m.Attempts = types.Int64Unknown()
}

// setImporting tells the read that follows an import from that of a state that was never read.
func setImporting(ctx context.Context, private privateState, importing bool, diags *diag.Diagnostics) {
	var raw []byte
	if importing {
		raw = []byte("true")
	}
	diags.Append(private.SetKey(ctx, importingKey, raw)...)
}

// isImporting reports whether the read follows an import: a run that does not exist is an error then.
func isImporting(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	raw, d := private.GetKey(ctx, importingKey)
	diags.Append(d...)
	return len(raw) > 0
}

// heal names a run that was imported and waited for before it was read. The wait's mark goes: it would replace an
// imported failure by a new run.
func (m *runModel) heal(ctx context.Context, resp *resource.ReadResponse) (healed bool) {
	if m.neverRead() || !m.numberless() {
		return false
	}
	m.setRun(m.RunID.ValueInt64(), []int64{m.RunID.ValueInt64()})
	writeMark(ctx, resp.Private, nil, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	return true
}

// readFirst reads a run in the apply that adopts it, when no refresh could. false: the diagnostics say why it could not.
func (r *runResource) readFirst(ctx context.Context, m *runModel, statuses []string, diags *diag.Diagnostics) bool {
	timeout, d := m.Timeouts.Read(ctx, defaultReadTimeout)
	diags.Append(d...)
	if diags.HasError() || !r.data.known(diags) {
		return false
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	found, err := r.data.runs.ReadOwn(limited, m.ref())
	if err != nil {
		diags.AddError(fmt.Sprintf("Run %s could not be read", m.ref()),
			paragraphs("It was imported, and it was never read. "+err.Error(), "State is unchanged."))
		return false
	}
	m.setRun(found.ID, []int64{found.ID})
	m.setFrom(found, statuses)
	return true
}
