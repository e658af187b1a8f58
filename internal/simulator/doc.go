// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package simulator is a Sequentum Cloud in memory. It has agents that are described by data, runs that go through the
// API's statuses by an injected clock, files behind signed links on a second host, the rate limit, and faults on demand.
// It follows the description of the API, not a client, so that it checks what a client sends and expects.
//
// # Variants
//
// Where the description leaves a choice, the simulator plays more than one answer, so that no client relies on one of
// them:
//
//   - Refusals alternate between the two documented error shapes, RFC 7807 first. A stop or kill of a finished run is
//     always RFC 7807. With [Options.ErrorShapes] all refusals take turns in those shapes.
//   - A start answers 202 and 200 in turn, a stop or kill 200 (with the run object) and 204, a download 302 and 307.
//   - Times have four spellings of ISO 8601, one of them without a zone. No spelling loses precision.
//   - An ordinary run has parallelSet 0 if its id is even, null if it is odd.
//   - With [Options.IDServers] a later run can have a lower id. Lists are newest first by time of creation.
//   - With [Agent.ParallelSet] the runs of one start share a set. [Agent.Siblings] sets what they report as their
//     parallelism.
//   - The list of agents is a plain array or, where page and size are asked for, a page. [Options.Paging] sets the form
//     of a page, [Options.AgentsPerPage] its greatest size. Without a column the list is sorted by id. The filter name
//     looks for a part of the name, in any case. The filter spaceId=0 finds the agents of the personal space.
//   - The names of agents can repeat, and be null with [Agent.NullName]. [OddAgents] are elements for [Fault.Insert].
//   - An agent has its newest version alone, unless [Agent.Versions] has more. A restore answers as a stop does.
//   - A space has the fields of newer servers, or those that [Options.SpaceFields] says. The search for a space answers
//     with one object: the space of exactly that name, or else the first whose name contains it, in any case. With
//     [Options.SpaceSearchArray] it answers with all of them. The agents of a space have fewer fields than the agent itself.
//   - A start of all agents of a space starts those of AgentType, and says of each other one why it did not start.
//   - The total of an agent's costs is that of the period, or of the page with [Options.TotalCostOfPage]. Until a run is
//     billed ([Agent.BilledAfter]) it is missing there if its id is even, and has no cost if its id is odd. The costs need
//     startDate and endDate. A date without a time is its midnight, so a run of the last day is left out. A run that is
//     gone still has its cost. The oldest run is first, unless sortColumn or sortOrder says otherwise.
//   - The personal space is null, or 0 with [Options.PersonalSpaceZero].
//   - A start is refused with 400 for its input and for a disabled agent. It is refused with 409 for an archived agent,
//     and for an exclusive agent that has an active run (with [Exclusive] the run can also queue, or the answer can be
//     the active run). It is refused with 422 for missing credits, and for a synchronous start of an agent that is not
//     [Agent].Synchronous. A synchronous start whose run takes longer than its timeout answers 408, and one whose run
//     ends without success 422.
//   - A stop that is ignored leaves the run in Stopping. Only a kill that forces ends it.
//   - Deleting an active run is refused with 409.
//   - A new schedule answers 201 and 200 in turn, a change of one 200 (with the schedule) and 204.
//   - What a schedule's type does not use is ignored. What is wrong is refused with 400: among others an unknown zone, and
//     a cron expression that does not have five fields or never fires.
//   - A schedule of days, weeks or months keeps the time of day in its zone. A month that is too short has its last day.
//     By a cron expression, an hour that is missing on a day has no firing, and an hour that comes twice has two.
//   - A firing that the agent refuses, for whatever reason, leaves a run that is Skipped.
//   - [ScheduleVariants] has what else is open: what becomes of a fired RunOnce and of its times, what a PUT clears,
//     and how answers look.
//
// # Ways to use it
//
// A cloud can be reached in four ways. [Cloud.Transport] calls its handlers directly. [Cloud.HTTP2Transport] and
// [Cloud.HTTP1Transport] connect net/http's own client and server by a pipe in memory. These three work in a bubble of
// testing/synctest. [Serve] listens on the loopback interface, and with [Options.TLS] speaks HTTPS with HTTP/2, as the
// real service does. For the program, an agents file describes the cloud ([ReadConfig]).
//
// One clock drives everything: phases, the rate limit, the life of a signed link and the delay of a fault.
//
// # The path of a request
//
// routes.go has a table of all calls. A request goes through the checks in pipeline.go (credential, rate limit, scope),
// then through the fault that it hits (fault.go), then to its handler (endpoint_*.go). The handler runs with the
// cloud's mutex held; it changes the state and returns an answer (answer.go), which is sent without the mutex. A run's
// state at any time is computed from its timeline (timeline.go).
//
// # How to add an endpoint
//
//  1. In routes.go, add a row to routes: kind, scope, method and path, handler. For another kind of request, add a
//     constant to Kind. Wrap the handler in onAgent, onRun, onSchedule or onSpace where the path names one: it
//     then gets that one, and an unknown one is refused. Add the call to documented_calls_test.go.
//  2. Write the handler in endpoint_<object>.go, with the JSON object of its answer. The call has the query
//     (queryNumber), the body (decodeBody) and the time (now). Answer with jsonAnswer or c.refuse. The handler holds the
//     mutex already: it must not lock it.
//  3. Test it beside the handler. [Options], [Agent] and the methods in controls.go set what it shows; add what is
//     missing there. An agents file sets a field of Agent by its JSON tag, and an option by a field of [Variants].
//
// Authentication, rate limit, log, counts and faults need no further edit.
//
// # How to add a fault
//
// First look whether a [Fault] can already do it. Otherwise add one of these:
//
//   - Another [Action], which answers or ends the request in its own way: in fault_action.go, a constant and a row in
//     actionRules.
//   - A change of the answer, which goes with every action: a field of [Fault], and the code that plays it: in
//     fault_body.go for the body (changesBody and writeBody), in newFaultWriter for headers and code.
//   - Another way to send the bytes, such as their pace: a field of [Fault], and a writer in fault_writer.go that is put
//     around the answer in sendFaultyAnswer, which has the clock.
//   - Another [Quirk] of the download host: in fault_quirk.go, a constant and a row in quirkRules.
//
// Then test it beside that file. The agents file needs no further edit. If a number must not be negative, say so in
// config_validate.go.
package simulator
