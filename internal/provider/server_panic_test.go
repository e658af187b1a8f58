// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Every call of the protocol that the CLI can make turns a panic into its own error.
func TestServerRecoversInEveryCall(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	broken := &server{afterwards: ended, version: "1.2.3", called: func() {}} // each of its calls dereferences nil
	methods := slices.Collect(reflect.TypeFor[tfprotov6.ProviderServer]().Methods())
	methods = slices.AppendSeq(methods, reflect.TypeFor[tfprotov6.ActionServer]().Methods())
	methods = slices.AppendSeq(methods, reflect.TypeFor[tfprotov6.ListResourceServer]().Methods())
	streams := []string{"InvokeAction", "ListResource"} // their work is done in a goroutine of the framework
	methods = slices.DeleteFunc(methods, func(m reflect.Method) bool { return slices.Contains(streams, m.Name) })
	for _, method := range methods {
		t.Run(method.Name, func(t *testing.T) {
			request := reflect.New(method.Type.In(1).Elem())
			answer := reflect.ValueOf(broken).MethodByName(method.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), request})
			if err := answer[1].Interface(); err != nil {
				t.Fatalf("an error of the protocol: %v", err)
			}
			said := errorText(t, answer[0].Interface())
			for _, want := range []string{bugSummary, "answering " + method.Name, "nil pointer dereference", sequentum.IssuesURL, "version (1.2.3)", "TF_LOG_PROVIDER=error"} {
				if !strings.Contains(said, want) {
					t.Errorf("%q is missing in %q", want, said)
				}
			}
			if strings.Contains(said, "goroutine") {
				t.Errorf("the stack is in the diagnostic: %s", said)
			}
		})
	}
}

func errorText(t *testing.T, resp any) string {
	t.Helper()
	switch r := resp.(type) {
	case *tfprotov6.StopProviderResponse:
		return r.Error
	case *tfprotov6.CallFunctionResponse:
		return r.Error.Text
	}
	all := reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
	if len(all) != 1 || all[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatalf("want one error, got %v", all)
	}
	return all[0].Summary + ": " + all[0].Detail
}

// A value that is no error of the Go runtime can hold an answer of the API.
func TestBugShowsNoValue(t *testing.T) {
	said := describeBug(t.Context(), "1.2.3", "creating", "sk-a-secret")
	if strings.Contains(said, "sk-a-secret") || !strings.Contains(said, "a panic with a value of type string") {
		t.Error(said)
	}
}
