// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func running(d time.Duration, outcomes ...simulator.Outcome) simulator.Agent {
	return simulator.Agent{
		ID: 4711, Name: "Shoes", Records: 120, Outcomes: outcomes, StopTakes: simulator.Duration(time.Second),
		Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(d)}},
		Files:  []simulator.File{{Name: new("products.csv"), Content: "a,b\n"}},
	}
}

// endless is an agent whose runs go on until they are ended; outcomes are for those that end by themselves.
func endless() simulator.Agent { return running(time.Hour) }

// quick is an agent whose runs end by themselves, and soon.
func quick(outcomes ...simulator.Outcome) simulator.Agent { return running(2*time.Second, outcomes...) }

func stubborn() simulator.Agent {
	a := endless()
	a.IgnoresStop = true
	return a
}

// diagnosed is a failure that the platform has something to say about.
var diagnosed = simulator.Outcome{
	Status: simulator.Failure, Message: "Success criteria: 120 of 500 records",
	PossibleCauses:   []string{"The site shows fewer products than before"},
	SuggestedActions: []string{"Lower the expected number of records"},
}

func delivered(name, content string) simulator.File {
	return simulator.File{Name: new(name), Type: simulator.DeliveredFile, Content: content}
}

func logged(name, content string) simulator.File {
	return simulator.File{Name: new(name), Type: simulator.LogText, Content: content}
}

// catalogue is three files of different types.
func catalogue() []simulator.File {
	return []simulator.File{delivered("shoes.csv", "sku,price\nA,1\n"), delivered("shoes.json", `[{"sku":"A"}]`), logged("run.log", "fine\n")}
}

// shop is a cloud whose agent leaves these files.
func shop(files ...simulator.File) simulator.Options {
	return simulator.Options{Agents: []simulator.Agent{{ID: 4711, Name: "Shoes", Files: files}}}
}
