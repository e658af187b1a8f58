// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// importingFlag tells the read that follows an import from the read of a state that was never read. In the first, a run
// that does not exist is an error.
const importingFlag privateFlag = "importing"

// ImportState takes a run by its ids, and the read that follows does the rest. Without a configured provider there is no
// such read: state would hold a run of which nothing is known, not even that it exists.
func (r *runResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if r.data.requireConfigured(&resp.Diagnostics) && runKind.importState(ctx, req, resp) {
		importingFlag.set(ctx, resp.Private, &resp.Diagnostics)
	}
}

// What an import leaves to be done. An import while the provider is not configured is refused. Versions before that
// saved states of runs that were never read, and those are completed here.

// neverRead reports whether state holds no more of the run than its ids.
func (m *runModel) neverRead() bool { return m.Status.IsNull() }

// waitedUnread reports whether the run was imported, and a wait for it came before the first read. A refresh then
// completes state. Nobody has accepted the end of such a run.
func (m *runModel) waitedUnread() bool { return m.ID.IsNull() }

// setAllUnknown plans the first read of a run: nothing but its ids is known.
func (m *runModel) setAllUnknown() {
	m.setUnknown()
	m.ID = types.StringUnknown()
	m.RunIDs = types.ListUnknown(types.Int64Type)
	m.Attempts = types.Int64Unknown()
}

// completeUnread completes the state of a run that was imported and waited for before it was read. The note about an
// unfinished wait goes: with it, a new run would replace an imported failure.
func (m *runModel) completeUnread(ctx context.Context, resp *resource.ReadResponse) (completed bool) {
	if m.neverRead() || !m.waitedUnread() {
		return false
	}
	m.setRun(m.RunID.ValueInt64(), []int64{m.RunID.ValueInt64()})
	writeUnfinishedWait(ctx, resp.Private, nil, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	return true
}

// readAdopted reads an imported run in the apply that adopts it, if no refresh has read it. false: the diagnostics say
// why the run could not be read.
func (r *runResource) readAdopted(ctx context.Context, m *runModel, statuses []string, diags *diag.Diagnostics) bool {
	timeout, d := m.Timeouts.Read(ctx, defaultReadTimeout)
	diags.Append(d...)
	if diags.HasError() || !r.data.requireConfigured(diags) {
		return false
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	found, err := r.data.runs.ReadOwn(limited, m.ref())
	if err != nil {
		diags.AddError(fmt.Sprintf("Run %s could not be read", m.ref()),
			paragraphs("The run was imported, and no refresh has read it. "+err.Error(), "State is unchanged."))
		return false
	}
	m.setFirstRead(found, statuses)
	return true
}

// setFirstRead sets what the first read of a run finds that Terraform did not start. It leaves the arguments as they are:
// after an import, and in a list, they are null.
func (m *runModel) setFirstRead(found *sequentum.Run, statuses []string) {
	m.setRun(found.ID, []int64{found.ID})
	m.setFrom(found, statuses)
}
