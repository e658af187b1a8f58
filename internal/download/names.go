// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// maxDiskName is the longest name that common file systems accept, in bytes.
	maxDiskName = 255
	// maxExtension is the longest extension in bytes. Longer text after the last dot is a part of the name.
	maxExtension = 32
)

// diskNames gives each file its name in a directory, by file id. Every name is safe on every file system, and no two files share
// one, also where upper and lower case are the same. The files' own names come from scraped sites and are not trusted (API:
// Output files). The same files always get the same names.
func diskNames(files []sequentum.File) map[int64]string {
	names := make(map[int64]string, len(files))
	for _, f := range files {
		names[f.ID] = diskName(f, "")
	}
	// A name with an id can only collide with a name without one. So each round gives an id to at least one more name, until
	// no names collide.
	withID := map[int64]bool{}
	for {
		sharers := map[string][]int64{}
		for _, f := range files {
			folded := foldName(names[f.ID])
			sharers[folded] = append(sharers[folded], f.ID)
		}
		unique := true
		for _, f := range files {
			if len(sharers[foldName(names[f.ID])]) > 1 && !withID[f.ID] {
				withID[f.ID], unique = true, false
			}
		}
		if unique {
			return names
		}
		for _, f := range files {
			if withID[f.ID] {
				names[f.ID] = diskName(f, fmt.Sprintf(" (%d)", f.ID))
			}
		}
	}
}

// foldName returns the same text for names that a file system can treat as the same.
func foldName(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}

// diskName returns the file's name, made safe, with the suffix before its extension.
func diskName(f sequentum.File, suffix string) string {
	name := ""
	if f.Name != nil {
		name = safeName(*f.Name)
	}
	whole := fitName(name, suffix, f.ID, maxDiskName)
	if !isReserved(whole) {
		return whole
	}
	return makeHarmless(fitName(name, suffix, f.ID, maxDiskName-harmlessRoom))
}

// fitName shortens a name, so that it has at most so many bytes with its suffix and extension.
func fitName(name, suffix string, id int64, most int) string {
	stem, extension := splitExtension(name)
	stem = truncate(stem, most-len(suffix)-len(extension))
	if suffix == "" && extension == "" {
		stem = trimDotsAndSpaces(stem) // the shorter name can end in a dot or a space
	}
	if stem+extension == "" {
		stem = fmt.Sprintf("file-%d", id)
	}
	return stem + suffix + extension
}

// safeName replaces and removes what is not safe in a name. "": nothing of the name remains.
func safeName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = trimDotsAndSpaces(strings.Map(safeRune, name))
	if isDeviceName(name) {
		name = "_" + name
	}
	return name
}

// safeRune replaces separators of paths, drives and streams, characters that Windows refuses, and characters that change how
// the rest of the name is shown.
func safeRune(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"/\|?*`, r), unicode.IsControl(r), unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
		return '_'
	}
	return r
}

// trimDotsAndSpaces removes dots and spaces from the end of a name, as Windows does. "." and ".." become "".
func trimDotsAndSpaces(name string) string {
	return strings.TrimRightFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
}

// isDeviceName reports whether the name is a device on Windows. Its extension does not matter.
func isDeviceName(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}, base) {
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		number, ok := strings.CutPrefix(base, port)
		if digit, length := utf8.DecodeRuneInString(number); ok && length == len(number) && strings.ContainsRune("0123456789¹²³", digit) {
			return true
		}
	}
	return false
}

// splitExtension splits a name before its last dot. A name whose only dot is its first character has no extension.
func splitExtension(name string) (stem, extension string) {
	extension = path.Ext(name)
	if len(extension) == len(name) || len(extension) > maxExtension {
		return name, ""
	}
	return strings.TrimSuffix(name, extension), extension
}

// truncate returns at most n bytes of s, and never a part of a character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
