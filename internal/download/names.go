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
	// maxDiskName is what common file systems take, in bytes.
	maxDiskName = 255
	// maxExtension limits the extension: a longer text after the last dot is a part of the name.
	maxExtension = 32
)

// diskNames gives each file its name in a directory, by file id: a name that no file system misunderstands, and that
// no two files share, even where letters of either case are the same. Names come from scraped sites and are not
// trusted (API: Output files). The names follow from the files alone, so that the same files always have the same.
func diskNames(files []sequentum.File) map[int64]string {
	names := make(map[int64]string, len(files))
	for _, f := range files {
		names[f.ID] = diskName(f, "")
	}
	// A name that was made unique ends in its file's id, so it can only be the same as a name that was not made unique:
	// each round makes at least one more name unique.
	told := map[int64]bool{}
	for {
		sharers := map[string][]int64{}
		for _, f := range files {
			folded := foldName(names[f.ID])
			sharers[folded] = append(sharers[folded], f.ID)
		}
		unique := true
		for _, f := range files {
			if len(sharers[foldName(names[f.ID])]) > 1 && !told[f.ID] {
				told[f.ID], unique = true, false
			}
		}
		if unique {
			return names
		}
		for _, f := range files {
			if told[f.ID] {
				names[f.ID] = diskName(f, fmt.Sprintf(" (%d)", f.ID))
			}
		}
	}
}

// foldName makes names equal that a file system may take for the same.
func foldName(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}

// diskName is the file's name, made safe, with a suffix before its extension.
func diskName(f sequentum.File, suffix string) string {
	name := ""
	if f.Name != nil {
		name = safeName(*f.Name)
	}
	whole := fitName(name, suffix, f.ID, maxDiskName)
	if !isReserved(whole) {
		return whole
	}
	return harmless(fitName(name, suffix, f.ID, maxDiskName-harmlessRoom))
}

// fitName cuts a name to at most so many bytes, its suffix and extension included.
func fitName(name, suffix string, id int64, most int) string {
	stem, extension := splitExtension(name)
	stem = cutAt(stem, most-len(suffix)-len(extension))
	if suffix == "" && extension == "" {
		stem = trimEnd(stem) // the cut may have laid bare a dot or a space
	}
	if stem+extension == "" {
		stem = fmt.Sprintf("file-%d", id)
	}
	return stem + suffix + extension
}

// safeName returns "" when nothing of the name is left.
func safeName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = trimEnd(strings.Map(safeRune, name))
	if isDeviceName(name) {
		name = "_" + name
	}
	return name
}

// safeRune replaces what separates paths, names a drive or a stream, is refused by Windows, or changes how the rest of
// the name is shown.
func safeRune(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"/\|?*`, r), unicode.IsControl(r), unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
		return '_'
	}
	return r
}

// trimEnd removes the dots and spaces that Windows drops from the end of a name; of "." and ".." nothing is left.
func trimEnd(name string) string {
	return strings.TrimRightFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
}

// isDeviceName reports whether Windows takes the name for a device, whatever its extension.
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

// splitExtension cuts before the last dot. A name that begins with its only dot has no extension.
func splitExtension(name string) (stem, extension string) {
	extension = path.Ext(name)
	if len(extension) == len(name) || len(extension) > maxExtension {
		return name, ""
	}
	return strings.TrimSuffix(name, extension), extension
}

// cutAt returns at most n bytes of s, all of them whole characters.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
