package sequentum

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

type wireFile struct {
	ID       number
	Name     optionalText
	FileType wireFileType
	FileSize number
	Created  timestamp
}

// wireFileType is a file type given as its code or its name.
type wireFileType struct{ FileType }

func (t *wireFileType) UnmarshalJSON(data []byte) error {
	t.FileType = FileType{}
	if s, ok := scalar(data); ok {
		t.FileType = parseFileType(s)
	}
	return nil
}

func decodeFiles(data []byte) ([]File, error) {
	elements, err := decodeArray[wireFile](data)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(elements))
	for i, w := range elements {
		if w.ID.value == nil {
			return nil, fmt.Errorf("element %d of the list: it has no file id", i)
		}
		files[i] = File{
			ID: *w.ID.value, Name: w.Name.value, Type: w.FileType.FileType,
			Size: w.FileSize.value, Created: w.Created.Time,
		}
	}
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Compare(a.ID, b.ID) })
	return files, nil
}

// linkOf reads the answer of a download: a redirect, or the content itself.
func linkOf(resp *http.Response) (*Link, error) {
	if !isRedirect(resp) {
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
