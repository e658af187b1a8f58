// Package simulator is a Sequentum Cloud in memory: agents that are described by data, runs that walk the API's
// states by an injected clock, files behind signed links on a second host, the rate limit, and faults on demand.
// It follows the description of the API and knows nothing of any client, so that it is a second opinion on the
// wire format.
//
// Where the description leaves a choice, the simulator plays more than one answer, so that a client cannot lean on
// any of them:
//
//   - The two documented error shapes alternate with every refusal (RFC 7807 first); a stop or kill of a finished run
//     is always RFC 7807. With [Options.ErrorShapes] all refusals take turns in those, the thin ones too.
//   - A start answers 202 and 200 in turn, a stop or kill 200 (with the run object) and 204, a download 302 and 307.
//   - Times come in four spellings of ISO 8601, one of them without a zone; no spelling loses precision.
//   - An ordinary run has parallelSet 0 if its id is even, null if it is odd.
//   - With [Options.IDServers] a later run can have a lower id. Lists are newest first by creation, whatever the ids.
//   - With [Agent.ParallelSet] the runs of one start share a set, and by [Agent.Siblings] need not say how many they are.
//   - The personal space is null, or with [Options.PersonalSpaceZero] 0.
//   - A start is refused with 400 for its input and for a disabled agent, with 409 for an archived agent and for an
//     exclusive one that is running (which by [Exclusive] can also queue the run, or answer with the one that is
//     active), with 422 for missing credits and for a synchronous start, which is not played.
//   - A stop that is ignored leaves the run in Stopping; only a kill that forces ends it.
//   - Deleting a run that is still active is refused with 409.
//
// What goes wrong is a [Fault]: it breaks a connection, a stream of HTTP/2 or an answer, before the effect of a request
// or after it, and it can have an answer carry what no client expects: odd elements in a list, headers without measure,
// a body beyond any memory, another status, a file that changes while it is fetched.
//
// A cloud is reached in four ways. [Cloud.Transport] calls its handlers. [Cloud.HTTP2Transport] and
// [Cloud.HTTP1Transport] put net/http's own client and server on both ends of a pipe in memory; like the first they
// work in a bubble of testing/synctest. [Serve] listens on the loopback interface, and with [Options.TLS] speaks HTTPS
// with HTTP/2, as the real service does. An agents file ([ReadConfig]) describes a cloud for the program.
//
// Everything goes by one clock: phases, the window of the rate limit, the life of a signed link and the delay of a
// fault.
package simulator
