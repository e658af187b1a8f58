// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"math/big"
)

// Amount is an amount of credits: the text of a JSON number, such as "1250.75", as it stands in answers. Empty: the default.
type Amount string

// MarshalJSON writes the number as it stands.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a), nil }

// UnmarshalJSON reads a number from an agents file, without a change of its digits.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var n json.Number
	if string(data) == "null" {
		*a = ""
		return nil
	}
	if data[0] == '"' || json.Unmarshal(data, &n) != nil {
		return badValue("%s: an amount is a number such as 1250.75", data)
	}
	*a = Amount(n)
	return nil
}

// sum adds amounts exactly. One that is empty or no number counts as nothing.
func sum(amounts ...Amount) Amount {
	total := new(big.Rat)
	for _, a := range amounts {
		total.Add(total, a.value())
	}
	return amountOf(total)
}

// negative is the amount with the other sign.
func (a Amount) negative() Amount { return amountOf(new(big.Rat).Neg(a.value())) }

// compare is negative, zero or positive, as for cmp.Compare.
func (a Amount) compare(b Amount) int { return a.value().Cmp(b.value()) }

func (a Amount) value() *big.Rat {
	if n, ok := new(big.Rat).SetString(string(a)); ok {
		return n
	}
	return new(big.Rat)
}

func amountOf(value *big.Rat) Amount {
	digits, _ := value.FloatPrec() // exact, because all of them are decimal
	return Amount(value.FloatString(digits))
}
