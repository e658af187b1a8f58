// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestSpaces(t *testing.T) {
	t.Parallel()
	inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
		for _, given := range []attributeValues{byID("space_id", 12), byName("Shop")} {
			found := l.mustRead("sequentum_space", given)
			wantValues(t, found, attributeValues{
				"space_id": core.Number(12), "name": core.Text("Shop"), "run_retention_hours": core.Number(720), "scope": core.Text("Organization"),
				"updated_at": tftypes.NewValue(tftypes.String, nil), // on older servers only
			})
		}
		if got := listedIDs(l.mustRead("sequentum_spaces", nil), "spaces", "space_id"); got != "12 13 14" {
			t.Errorf("the spaces are %s", got)
		}
		for _, test := range []struct {
			given attributeValues
			want  []string
		}{
			{nil, []string{"Exactly one of these attributes must be configured: [space_id,name]"}},
			{andArgument(byName("Shop"), "space_id", core.Number(12)), []string{"Exactly one of these attributes must be configured: [space_id,name]"}},
			{byID("space_id", 0), []string{"space_id must be 1 or more, but it is 0."}},
			{byID("space_id", -1), []string{"space_id must be between 1 and 2147483647, but it is -1."}},
			{byID("space_id", 99), []string{"Space 99 is not found", "404 Not Found", "It was deleted, it never existed, or this key cannot see it."}},
			{byName("shop"), []string{`No space is named "shop"`, "This key can see 3 spaces.", "names: - 12 \"Shop\""}},
			{byName("Blog"), []string{`Several spaces are named "Blog"`, "Spaces of this name: - 13 \"Blog\" - 14 \"Blog\"", "Choose one of them by space_id."}},
		} {
			l.mustRefuse("sequentum_space", test.given, test.want...)
		}
	})
}

// What a server does not show is null.
func TestSpacesOfOtherServers(t *testing.T) {
	t.Parallel()
	for _, fields := range []simulator.SpaceFields{simulator.OlderSpaceFields, simulator.NoSpaceFields} {
		o := lookUpAccount()
		o.SpaceFields = fields
		inLookingUp(t, o, func(t *testing.T, l *lookingUp) {
			found := l.mustRead("sequentum_space", byName("Shop"))
			for _, name := range []string{"run_retention_hours", "scope"} {
				if !found[name].IsNull() {
					t.Errorf("%s: %s is %s", fields, name, found[name])
				}
			}
			if found["created_at"].IsNull() != (fields == simulator.NoSpaceFields) {
				t.Errorf("%s: created_at is %s", fields, found["created_at"])
			}
		})
	}
}

func TestCredits(t *testing.T) {
	t.Parallel()
	for _, amount := range []simulator.Amount{"1000.25", "0", "-3.5", "123456789012.125"} {
		inLookingUp(t, simulator.Options{Credits: amount}, func(t *testing.T, l *lookingUp) {
			found := l.mustRead("sequentum_credits", nil)
			wantValues(t, found, attributeValues{"available_credits": tftypes.NewValue(tftypes.Number, bigDecimal(t, string(amount)))})
			if found["retrieved_at"].IsNull() {
				t.Error("it does not say when they were counted")
			}
		})
	}
}

func bigDecimal(t *testing.T, s string) *big.Float {
	t.Helper()
	number, ok := new(big.Float).SetString(s)
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	return number
}
