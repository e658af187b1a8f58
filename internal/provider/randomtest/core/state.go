// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Object is one object in state. It is never changed, only replaced.
type Object struct {
	Type         string
	Value        tftypes.Value
	Private      []byte
	Identity     *tfprotov6.ResourceIdentityData
	Tainted      bool
	dependencies []string
	// Owed is for the observer: a wait for the run has something left to do. OwedByCreate: its create began that wait.
	Owed, OwedByCreate bool
}

// State is a state file.
type State struct {
	Current map[string]*Object // by address
	// Deposed are the old objects of replacements whose new ones came first, by a key of their own.
	Deposed map[string]*Object
}

func newState() *State {
	return &State{Current: map[string]*Object{}, Deposed: map[string]*Object{}}
}

func (s *State) clone() *State {
	return &State{Current: maps.Clone(s.Current), Deposed: maps.Clone(s.Deposed)}
}

// ResourceConfig is a resource block.
type ResourceConfig struct {
	Address             string
	Type                string
	Dependencies        []string
	CreateBeforeDestroy bool
	// Values gives the arguments; get reads another resource's attribute, which is unknown where the resource is.
	Values func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value
}
