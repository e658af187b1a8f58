// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// File is an output file of a run (API: Output files). It is not its content: see FileLink.
type File struct {
	ID        int64
	Name      *string // as the site or agent named it, not to be trusted as a path; nil: none
	Type      FileType
	SizeBytes *int64    // bytes; nil: not given
	CreatedAt time.Time // UTC; zero: not given
}

// Link leads to the content of a file (API: Output files). Either URL or Body is set.
type Link struct {
	URL  string        // a signed URL that soon expires; request it without credentials
	Body io.ReadCloser // the content itself, where a deployment answers with it; close it
	Size int64         // bytes in Body; -1: not known
	// Framed: the end of Body can be told from a broken connection; see [Framed].
	Framed bool
}

// FileType is the type of an output file: a code, a name or both (API: Output files). File types can be compared with ==.
// The zero FileType means that the file has none.
type FileType struct {
	code    int64
	hasCode bool
	name    string
}

// fileTypeNames is the API's table of file types (API: Output files). The first has code 1.
var fileTypeNames = []string{
	"DeliveredFile", "ExtractedFiles", "InternalExportFiles", "InternalRuntimeFiles",
	"InternalTrackingDb", "LogText", "LogHtml", "InternalContentCache",
}

// FileTypeNames lists the names of the API's table of file types, ordered by code.
func FileTypeNames() []string { return slices.Clone(fileTypeNames) }

// Code is the type's code; nil: the API gave a name that is not in its table, or no type.
func (t FileType) Code() *int64 {
	if !t.hasCode {
		return nil
	}
	return &t.code
}

// Name is the type's name; nil: the API gave a code that is not in its table, or no type.
func (t FileType) Name() *string {
	if t.name == "" {
		return nil
	}
	return &t.name
}

// parseFileType reads a name in any case, or a code in digits.
func parseFileType(s string) FileType {
	s = strings.TrimSpace(s)
	for i, name := range fileTypeNames {
		if strings.EqualFold(s, name) {
			return FileType{code: int64(i) + 1, hasCode: true, name: name}
		}
	}
	code, isCode := parseWholeNumber(s)
	switch {
	case !isCode:
		return FileType{name: s}
	case code >= 1 && code <= int64(len(fileTypeNames)):
		return FileType{code: code, hasCode: true, name: fileTypeNames[code-1]}
	default:
		return FileType{code: code, hasCode: true}
	}
}

// RunFiles lists a run's output files, ordered by id (API: Output files). While the run is active the list can be empty or
// partial. Files without an id are left out, because nothing could fetch them.
func (c *Client) RunFiles(ctx context.Context, agentID, runID int64) ([]File, error) {
	files, err := fetchList(ctx, c, &call{
		method: http.MethodGet, path: runPath(agentID, runID) + "/files", priority: PriorityFiles, scope: scopeReadRuns,
	}, func(body io.Reader, r *redactor) (*list[File], error) {
		return decodeAll(body, r, newFileConverter(c.keys))
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(files.elements, func(a, b File) int { return cmp.Compare(a.ID, b.ID) })
	return files.elements, nil
}

// FileLink returns a link to a file's content (API: Output files). It does not follow the redirect of the answer. For
// reading Link.Body only ctx sets a limit, not the client's request timeout.
func (c *Client) FileLink(ctx context.Context, agentID, runID, fileID int64) (*Link, error) {
	var link *Link
	err := c.send(ctx, &call{
		method:   http.MethodGet,
		path:     runPath(agentID, runID) + fmt.Sprintf("/file/%d/download", fileID),
		priority: PriorityFiles,
		scope:    scopeReadRuns,
		openResponse: func(resp *http.Response) (err error) {
			link, err = linkOf(resp)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return link, nil
}
