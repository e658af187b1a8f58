// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
)

// validate finds values that can be read and still make no sense.
func (c Config) validate() error {
	var errs []error
	known := make(map[int64]bool)
	for i, a := range c.Agents {
		path := fmt.Sprintf("agents[%d]", i)
		if known[a.ID] {
			errs = append(errs, fmt.Errorf("%s.id: there is another agent %d", path, a.ID))
		}
		known[a.ID] = true
		errs = append(errs, a.validate(path))
	}
	errs = append(errs, validateSpaces(c.Spaces))
	errs = append(errs, validateSchedules(c))
	for i, f := range c.Faults {
		path := fmt.Sprintf("faults[%d]", i)
		errs = append(errs, checkNotNegative(path+".delay", int64(f.Delay)),
			checkNotNegative(path+".skip", int64(f.Skip)), checkNotNegative(path+".bytes", f.Bytes),
			checkNotNegative(path+".repeat", int64(f.Repeat)), checkNotNegative(path+".pad", f.Pad))
		if f.Action == Redirect && f.Location == "" {
			errs = append(errs, fmt.Errorf("%s.location: a redirect needs one", path))
		}
	}
	return errors.Join(append(errs,
		checkNotNegative("variants.id_servers", int64(c.Variants.IDServers)),
		checkNotNegative("variants.agents_per_page", int64(c.Variants.AgentsPerPage)),
		checkNotNegative("variants.link_life", int64(c.Variants.LinkLife)),
	)...)
}

func validateSpaces(spaces []Space) error {
	var errs []error
	known := make(map[int64]bool)
	for i, s := range spaces {
		path := fmt.Sprintf("spaces[%d]", i)
		if known[s.ID] {
			errs = append(errs, fmt.Errorf("%s.id: there is another space %d", path, s.ID))
		}
		known[s.ID] = true
		errs = append(errs, validateID(path+".id", s.ID))
		if s.RunRetentionHours != nil {
			errs = append(errs, checkNotNegative(path+".run_retention_hours", *s.RunRetentionHours))
		}
	}
	return errors.Join(errs...)
}

// validateID checks an id of 32 bits.
func validateID(path string, id int64) error {
	if id < 1 || id > 1<<31-1 {
		return fmt.Errorf("%s: must be from 1 to 2147483647", path)
	}
	return nil
}

func (a Agent) validate(path string) error {
	errs := []error{validateID(path+".id", a.ID)}
	for i, phase := range a.Phases {
		at := fmt.Sprintf("%s.phases[%d]", path, i)
		if phase.Status.Finished() || phase.Status == Invalid {
			errs = append(errs, fmt.Errorf("%s.status: %s is not the status of an active run", at, phase.Status))
		}
		errs = append(errs, checkNotNegative(at+".duration", int64(phase.Duration)))
	}
	errs = append(errs, validateFiles(path, a.Files))
	for i, o := range a.Outcomes {
		at := fmt.Sprintf("%s.outcomes[%d]", path, i)
		if o.Status != Invalid && (!o.Status.Finished() || o.Status == Failed) {
			errs = append(errs, fmt.Errorf("%s.status: no run ends as %s", at, o.Status))
		}
		if o.Files != nil {
			errs = append(errs, validateFiles(at, *o.Files))
		}
	}
	versions := make(map[int]bool)
	for i, v := range a.Versions {
		at := fmt.Sprintf("%s.versions[%d]", path, i)
		switch {
		case v.Version < 1:
			errs = append(errs, fmt.Errorf("%s.version: must be at least 1", at))
		case versions[v.Version]:
			errs = append(errs, fmt.Errorf("%s.version: there is another version %d", at, v.Version))
		}
		versions[v.Version] = true
		errs = append(errs, checkNotNegative(at+".file_size", v.FileSize))
	}
	return errors.Join(append(errs,
		checkNotNegative(path+".version", int64(a.Version)),
		checkNotNegative(path+".records", a.Records), checkNotNegative(path+".exported", a.Exported),
		checkNotNegative(path+".pages", a.Pages), checkNotNegative(path+".errors", a.Errors),
		checkNotNegative(path+".traffic", a.Traffic), checkNotNegative(path+".ignores_kills", int64(a.IgnoresKills)),
		checkNotNegative(path+".stop_takes", int64(a.StopTakes)), checkNotNegative(path+".history_after", int64(a.HistoryAfter)),
		checkNotNegative(path+".billed_after", int64(a.BilledAfter)),
		checkNotNegative(path+".message_size", int64(a.MessageSize)), checkNotNegative(path+".retention", int64(a.Retention)),
	)...)
}

func validateFiles(path string, files []File) error {
	var errs []error
	for i, f := range files {
		at := fmt.Sprintf("%s.files[%d]", path, i)
		errs = append(errs, checkNotNegative(at+".size", f.Size), checkNotNegative(at+".grows_per_second", f.GrowsPerSecond))
		given := 0
		for _, is := range []bool{f.Content != "", len(f.Bytes) > 0, f.Size > 0} {
			if is {
				given++
			}
		}
		if given > 1 {
			errs = append(errs, fmt.Errorf("%s: only one of content, content_base64 and size", at))
		}
	}
	return errors.Join(errs...)
}

func checkNotNegative(path string, value int64) error {
	if value < 0 {
		return fmt.Errorf("%s: must not be negative", path)
	}
	return nil
}
