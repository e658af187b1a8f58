// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"net/http"
)

type wireFile struct {
	ID       id
	Name     optionalText
	FileType text
	FileSize number
	Created  timestamp
}

// maxFileNames is how many bytes all names of a list of files may have together.
const maxFileNames = 16 * mib

// newFileConverter returns the conversion of the files of one list. It leaves names as they are, except for the key, which
// keys removes: names are data, and have to be the same in every process, also in one that does not know the write-only
// input.
func newFileConverter(keys *redactor) func(*wireFile, *redactor) (File, error) {
	names := 0
	return func(w *wireFile, r *redactor) (File, error) {
		if w.ID == 0 {
			return File{}, errors.New("it has no file id")
		}
		file := File{ID: int64(w.ID), Name: w.Name.value, Type: decodeFileType(string(w.FileType), r), SizeBytes: w.FileSize.value, CreatedAt: w.Created.Time}
		if file.Name == nil {
			return file, nil
		}
		if names += len(*file.Name); names > maxFileNames {
			return File{}, errTooMany
		}
		file.Name = new(keys.replaceSecrets(*file.Name, len(*file.Name)))
		return file, nil
	}
}

// decodeFileType reads a code or a name. From a name that is not known it removes secrets, as from any text.
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
		return nil, errors.New("its redirect has no http or https URL") // the text of err might quote a signed link
	}
	return &Link{URL: location.String(), Size: -1}, nil
}

// Framed reports whether the end of an answer's body is marked. In HTTP/1, without a length and without chunks, a broken
// connection looks like the end of the body.
func Framed(resp *http.Response) bool {
	return resp.ContentLength >= 0 || resp.ProtoMajor >= 2 || len(resp.TransferEncoding) > 0
}
