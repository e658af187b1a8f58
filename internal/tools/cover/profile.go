// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// module is the path that each file of a profile begins with.
const module = "github.com/sequentum/terraform-provider-sequentum/"

// block is a piece of code that runs as a whole.
type block struct {
	file       string // below the repository
	line       int    // where it begins
	from, to   string // line and column
	statements int
	covered    bool
}

// parseBlock reads a line such as "module/file.go:12.34,15.2 3 1".
func parseBlock(line string) (b block, err error) {
	where, counts, _ := strings.Cut(line, " ")
	statements, count, _ := strings.Cut(counts, " ")
	file, span, found := strings.Cut(where, ":")
	if b.statements, err = strconv.Atoi(statements); err != nil || !found {
		return b, errors.New("this is not a line of a profile")
	}
	b.file = strings.TrimPrefix(file, module)
	b.from, b.to, _ = strings.Cut(span, ",")
	beginning, _, _ := strings.Cut(b.from, ".")
	b.line, err = strconv.Atoi(beginning)
	b.covered = count != "0"
	return b, err
}

// merged has each block once: it is covered if one of the programs has covered it.
func merged(blocks []block) []block {
	type place struct{ file, from, to string }
	at := map[place]int{}
	var all []block
	for _, b := range blocks {
		p := place{b.file, b.from, b.to}
		if i, found := at[p]; found {
			all[i].covered = all[i].covered || b.covered
			continue
		}
		at[p] = len(all)
		all = append(all, b)
	}
	return all
}

// function is a function or method with what was covered of it. Literals belong to the function around them.
type function struct {
	file, name          string
	first, last         int // lines
	statements, covered int
	uncovered           []int // the lines at which the blocks begin that are not covered
}

func (f *function) key() string { return f.file + " " + f.name }

func (f *function) lines() string {
	slices.Sort(f.uncovered)
	texts := make([]string, len(f.uncovered))
	for i, line := range f.uncovered {
		texts[i] = strconv.Itoa(line)
	}
	return strings.Join(texts, ", ")
}

// packageLevel is the name under which literals outside of functions are counted.
const packageLevel = "-"

// functionsOf assigns the blocks of the packages to the functions that the files declare.
func functionsOf(root string, blocks []block, packages []string) ([]*function, error) {
	files := map[string][]*function{}
	var all []*function
	for _, b := range blocks {
		if !slices.Contains(packages, path.Dir(b.file)) {
			continue
		}
		if files[b.file] == nil {
			declared, err := declaredIn(root, b.file)
			if err != nil {
				return nil, err
			}
			files[b.file] = declared
			all = append(all, declared...)
		}
		i := slices.IndexFunc(files[b.file], func(f *function) bool { return f.first <= b.line && b.line <= f.last })
		f := files[b.file][i] // the last one takes what no other has
		f.statements += b.statements
		if b.covered {
			f.covered += b.statements
		} else if b.statements > 0 {
			f.uncovered = append(f.uncovered, b.line)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the profile has none of the packages %s", strings.Join(packages, ", "))
	}
	return all, nil
}

// declaredIn lists the functions of a file. The last of the list is that of the package level.
func declaredIn(root, file string) ([]*function, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, filepath.Join(root, filepath.FromSlash(file)), nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []*function
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			all = append(all, &function{file: file, name: nameOf(f), first: set.Position(f.Pos()).Line, last: set.Position(f.End()).Line})
		}
	}
	return append(all, &function{file: file, name: packageLevel, first: 1, last: set.Position(parsed.FileEnd).Line}), nil
}

// nameOf is "Type.Method" or "Function".
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	for {
		switch t := receiver.(type) {
		case *ast.StarExpr:
			receiver = t.X
		case *ast.IndexExpr:
			receiver = t.X
		case *ast.IndexListExpr:
			receiver = t.X
		case *ast.Ident:
			return t.Name + "." + f.Name.Name
		default:
			return f.Name.Name
		}
	}
}

// explanation is a line of the list.
type explanation struct {
	file, name string
	blocks     int
	reason     string
}

func (e explanation) key() string { return e.file + " " + e.name }

func (e explanation) sometimes() bool { return strings.HasPrefix(e.reason, "Sometimes: ") }

func parseExplanation(line string) (e explanation, err error) {
	fields := strings.SplitN(line, " ", 4)
	if len(fields) < 4 || len(strings.Fields(fields[3])) < 3 {
		return e, errors.New("a line is: file, function, number of blocks, and the reason in words")
	}
	e.file, e.name, e.reason = fields[0], fields[1], fields[3]
	if e.blocks, err = strconv.Atoi(fields[2]); err != nil || e.blocks < 1 {
		return e, fmt.Errorf("%q is not a number of blocks", fields[2])
	}
	return e, nil
}
