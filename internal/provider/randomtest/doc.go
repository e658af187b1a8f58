// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package randomtest holds the randomized tests of the provider.
//
// They play random sequences of commands, faults, interrupts and kills on random configurations, in simulated time: an
// hour of waiting takes milliseconds. After each event they compare what the provider says with what is true.
// A seed decides the sequence. TestRandomSequences plays runs, TestRandomSchedules plays schedules: two worlds of their own,
// because they have little in common but the core, the wire and the history (world_test.go).
//
// # Who plays what
//
//   - The package core plays Terraform. It talks to the provider through the protocol, by the rules of Terraform's
//     core. Each walk of a command has its own provider process.
//   - internal/simulator plays Sequentum Cloud. cloud_test.go draws its agents, its faults, and what other people do
//     at the same time: they start, end, restart, archive and remove runs.
//   - odd_test.go draws the oddities of a sequence: a single 401, a firewall's page, errors without a shape, ids that
//     do not rise, elements of lists and headers that make no sense. Each sequence has a few of them or none, so each
//     is tested alone and together with others. A quarter of the sequences uses real HTTP/2, another quarter HTTP/1.1.
//   - config_test.go draws the configuration. steps_test.go plays the user, who changes it and gives the commands.
//     settle_test.go ends a sequence: nothing goes wrong any more, an apply must succeed, the plan after it must be empty,
//     and the destroy must leave nothing running.
//   - tap_test.go listens between the provider and the cloud. It marks each start with the process that sent it, so that
//     every run is known by the create that asked for it (its origin). It notes every look at a run.
//   - sequence_test.go puts them together, and keeps what is known of a sequence. world_test.go keeps what was said and done.
//     seeds_test.go plays one sequence for each seed.
//   - The other files are the observer. observer_test.go judges what is refreshed and planned, applied_test.go what is
//     applied, looks_test.go whether enough answers agreed before something was given up, and accounts_test.go whether each
//     accepted run is in state or was named to the user. What nobody could know is excused, and the history says so: the
//     runs of a create that was killed, or whose error says that there may be a run.
//
// # The world of schedules
//
// The files schedule_*_test.go are the same for sequentum_schedule.
//
//   - schedule_sequence_test.go draws what the API leaves open (simulator.ScheduleVariants). schedule_config_test.go draws the
//     blocks, schedule_cloud_test.go the faults and what a person does in the dashboard: edit, disable, delete, add one with the
//     same name. schedule_steps_test.go plays the user, who also imports, removes from state, and lets days pass.
//   - schedule_tap_test.go marks each create with the process that sent it, in localSchedule. No argument manages that field, so
//     each change must keep it. The tap notes which schedules a process changes.
//   - schedule_truth_test.go says which arguments a schedule on the cloud differs in. It shares nothing with the provider.
//   - schedule_observer_test.go judges what is refreshed and planned: state is what the cloud holds, all drift is planned, and
//     only what is gone leaves state. schedule_applied_test.go judges what is applied: the cloud holds what was configured.
//     schedule_accounts_test.go judges what nobody may lose or touch: one create makes one schedule, a stranger's stays as it is,
//     the key is not printed. A plan after a clean apply is empty, and costs one list per agent.
//
// What a person, a late effect or the clock has changed during a command is not judged within that command.
//
// # The short way
//
// Half of the sequences of runs are played with a provider whose framework answers everything, half with its short way.
// short_way_test.go asks both the same about random objects, which short_way_cases_test.go draws, and compares the answers
// byte for byte (TestRandomShortWay).
//
// # The soak
//
// The files soak_*_test.go play months of the account of a team in one world (TestSoak, make soak). A short one is part of
// each test run.
//
//   - soak_world_test.go is the account: agents, key, rate limit, people, and what happens to all of it at night.
//     soak_pipeline_test.go is one configuration with its nightly apply and its daytime. It is a sequence, judged by the
//     same observer; soak_files_test.go adds the downloads, schedules are a scheduleSequence.
//   - soak_judge_test.go ends days and months: goroutines, secrets, and every run that the cloud has ever started is
//     accounted for. Then it forgets what is judged, so that a month costs as much as the one before.
//     soak_budget_test.go holds each process to the rate limit.
//   - soak_wait_test.go is one process that waits for days. Its memory is measured, because a real process is the only
//     part of the provider that lives long: each walk of a command has a process of its own.
//   - soak_figures_test.go is the table of a soak. make soak-guide writes it into the guide about reliability.
//
// The heap of the test process after each world shows what all processes of the provider have left behind.
//
// # How to read a failure
//
// A failure says what must never happen, and when it happened. The whole sequence follows: the oddities, the agents,
// each command with what it planned and said, and "WRONG" where the problem showed. First look at what the provider
// could know at that time. Several problems often have one cause.
//
// # How to repeat one, and how to play many
//
//	SEQUENTUM_TEST_SEEDS=17 go test -count=5 -v -run '^TestRandom' ./internal/provider/randomtest
//	make sequences SEQUENCES=1h
//	make soak SOAK=1h SEED=17
//
// The jitter of the provider and the order of goroutines are random. So a seed that failed may need a few tries
// (-count) to fail again. -v prints the sequence also when it passes.
//
// # How to add something
//
//   - A fault, or something that happens to the cloud: one more entry in cloud_test.go or odd_test.go.
//     Show a new field of simulator.Fault in describeFault. The tap reads each look and each start's answer to its end
//     before the provider gets it: a body that is slow looks like no answer, and is tested in internal/sequentum.
//   - An argument: one more field of randomRun in config_test.go, and one more entry in randomRunChanges. Of a schedule:
//     randomSchedule and randomScheduleChanges, and a line in differences.
//   - A promise: one more check in the observer. Let it fail once: break the provider on purpose, and play many seeds.
//     With the entry they must fail, and without it pass.
package randomtest
