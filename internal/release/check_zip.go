// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// texts are the files beside the binary in each zip.
var texts = []string{"CHANGELOG.md", "LICENSE", "README.md"}

// binaryName is the name that both CLIs look for.
func binaryName(version, platform string) string {
	name := project + "_v" + version
	if strings.HasPrefix(platform, "windows_") {
		name += ".exe"
	}
	return name
}

// checkZip fails unless the zip of the platform holds exactly the binary, which runs there, and the texts.
func (f folder) checkZip(platform string) error {
	archive, err := zip.OpenReader(f.path("_" + platform + ".zip"))
	if err != nil {
		return err
	}
	defer closeRead(archive)
	want := map[string]fs.FileMode{binaryName(f.version, platform): 0o755}
	for _, text := range texts {
		want[text] = 0o644
	}
	var errs []error
	for _, file := range archive.File {
		mode, expected := want[file.Name]
		delete(want, file.Name)
		switch {
		case !expected:
			errs = append(errs, fmt.Errorf("holds %s, which does not belong there, or is there twice", file.Name))
		case file.Mode() != mode:
			errs = append(errs, fmt.Errorf("%s has the mode %v: it must have %v", file.Name, file.Mode(), mode))
		case !file.Modified.Equal(archive.File[0].Modified):
			errs = append(errs, fmt.Errorf("%s is dated %v, and %s %v: all must have the time of the commit", file.Name, file.Modified, archive.File[0].Name, archive.File[0].Modified))
		case mode == 0o755:
			errs = append(errs, f.checkBinary(platform, file))
		}
	}
	for missing := range want {
		errs = append(errs, fmt.Errorf("%s is missing", missing))
	}
	return errors.Join(errs...)
}

// checkBinary reads what Go has recorded in the binary.
func (f folder) checkBinary(platform string, file *zip.File) error {
	content, err := readZipped(file)
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("%s is not a Go program: %w", file.Name, err)
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	var errs []error
	if want := "github.com/sequentum/" + project; info.Path != want {
		errs = append(errs, fmt.Errorf("%s is built from %s, not from %s", file.Name, info.Path, want))
	}
	if built := settings["GOOS"] + "_" + settings["GOARCH"]; built != platform {
		errs = append(errs, fmt.Errorf("%s is built for %s, not for %s", file.Name, built, platform))
	}
	if settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" || settings["vcs.revision"] != "" {
		errs = append(errs, fmt.Errorf("%s depends on the machine that built it: it must be built with CGO_ENABLED=0, -trimpath and -buildvcs=false", file.Name))
	}
	for _, text := range []string{f.version, f.commit} {
		if !bytes.Contains(content, []byte(text)) {
			errs = append(errs, fmt.Errorf("%s does not contain %q", file.Name, text))
		}
	}
	return errors.Join(errs...)
}

// closeRead closes what was only read: nothing is lost when that fails.
func closeRead(file io.Closer) { _ = file.Close() }

func readZipped(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

// checkSBOM fails unless the list of what the binary is made of is there, and is about this version.
func (f folder) checkSBOM(platform string) error {
	content, err := os.ReadFile(f.path("_" + platform + sbomEnd))
	if err != nil {
		return err
	}
	var sbom struct {
		Format       string `json:"bomFormat"`
		SerialNumber string `json:"serialNumber"`
		Metadata     struct {
			Timestamp string `json:"timestamp"`
			Component struct {
				Name    string `json:"name"`
				Version string `json:"version"`
			} `json:"component"`
		} `json:"metadata"`
		Components []any `json:"components"`
	}
	if err := json.Unmarshal(content, &sbom); err != nil {
		return err
	}
	about := sbom.Metadata.Component
	switch {
	case sbom.Format != "CycloneDX" || len(sbom.Components) == 0:
		return errors.New("is not a CycloneDX list of components")
	case about.Version != "v"+f.version:
		return fmt.Errorf("is about %s %s", about.Name, about.Version)
	case sbom.SerialNumber != "" || sbom.Metadata.Timestamp != "":
		return errors.New("has a serial number or a time: two builds of the same commit would differ")
	}
	return nil
}
