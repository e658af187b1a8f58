// Package simulator is a Sequentum Cloud in memory: agents that are described by data, runs that walk the API's
// states by an injected clock, files behind signed links on a second host, the rate limit, and faults on demand.
// It follows the description of the API and knows nothing of any client, so that it is a second opinion on the
// wire format.
//
// Where the description leaves a choice, the simulator plays more than one answer, so that a client cannot lean on
// any of them:
//
//   - The two error shapes alternate with every refusal (RFC 7807 first); a stop or kill of a finished run is
//     always RFC 7807.
//   - A start answers 202 and 200 in turn, a stop or kill 200 (with the run object) and 204, a download 302 and 307.
//   - Times come in four spellings of ISO 8601, one of them without a zone; no spelling loses precision.
//   - An ordinary run has parallelSet 0 if its id is even, null if it is odd.
//   - A start is refused with 400 for its input and for a disabled agent, with 409 for an archived agent and for an
//     exclusive one that is running, with 422 for missing credits and for a synchronous start, which is not played.
//   - A stop that is ignored leaves the run in Stopping; only a kill that forces ends it.
//   - Deleting a run that is still active is refused with 409.
//
// Everything goes by one clock: phases, the window of the rate limit, the life of a signed link and the delay of a
// fault.
package simulator
