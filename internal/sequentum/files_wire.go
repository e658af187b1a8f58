package sequentum

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"
)

type wireFile struct {
	ID       id
	Name     optionalText
	FileType text
	FileSize number
	Created  timestamp
}

// maxFiles and maxFileNames, in bytes, bound a list of files. There is no list of a part of them.
const (
	maxFiles     = 100_000
	maxFileNames = 16 << 20
)

var errTooMany = errors.New("it lists too many files")

// decodeFiles leaves names as they are, but for the key, which keys knows: they are data, and the same in each process,
// of which not every one knows the write-only input.
func decodeFiles(body io.Reader, r, keys *redactor) (*list[File], error) {
	names := 0
	files, err := decodeList(body, r, maxFiles, func(w *wireFile) (File, error) {
		if w.ID == 0 {
			return File{}, errors.New("it has no file id")
		}
		file := File{ID: int64(w.ID), Name: w.Name.value, Type: decodeFileType(string(w.FileType), r), Size: w.FileSize.value, Created: w.Created.Time}
		if file.Name != nil {
			if names += len(*file.Name); names > maxFileNames {
				return file, errTooMany
			}
			file.Name = new(keys.replaceSecrets(*file.Name, len(*file.Name)))
		}
		return file, nil
	})
	switch {
	case err != nil:
		return nil, err
	case files.full || names > maxFileNames:
		return nil, errTooMany
	}
	slices.SortStableFunc(files.elements, func(a, b File) int { return cmp.Compare(a.ID, b.ID) })
	return files, nil
}

// decodeFileType reads a type given as its code or its name. A name that is not known is text like any other.
func decodeFileType(s string, r *redactor) FileType {
	t := parseFileType(s)
	if !t.hasCode {
		t.name = r.printable(t.name)
	}
	return t
}

// linkOf reads the answer of a download: a redirect, or the content itself.
func linkOf(resp *http.Response) (*Link, error) {
	if resp.StatusCode == http.StatusOK {
		return &Link{Body: resp.Body, Size: resp.ContentLength, Framed: Framed(resp)}, nil
	}
	location, err := resp.Location() // resolved against the request
	if err != nil || location.Host == "" || location.Scheme != "https" && location.Scheme != "http" {
		return nil, errors.New("it redirects to nowhere") // its own words might quote a signed link
	}
	return &Link{URL: location.String(), Size: -1}, nil
}

// Framed reports whether the end of an answer's body is marked. In HTTP/1 without a length and without chunks, a
// connection that breaks looks like one that has ended.
func Framed(resp *http.Response) bool {
	return resp.ContentLength >= 0 || resp.ProtoMajor >= 2 || len(resp.TransferEncoding) > 0
}
