// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer writes what a handler has decided. It changes nothing in the cloud: the handler has done that.
type answer func(w http.ResponseWriter)

// jsonAnswer answers with a value in JSON, which must not be changed later.
func jsonAnswer(code int, value any) answer {
	return func(w http.ResponseWriter) { writeJSON(w, "application/json; charset=utf-8", code, value) }
}

func writeJSON(w http.ResponseWriter, contentType string, code int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("simulator: an answer is no JSON: %v", err)) // answers hold nothing but plain values
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(code)
	w.Write(text) // the client may have gone
}

func textAnswer(code int, contentType, body string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(code)
		w.Write([]byte(body)) // the client may have gone
	}
}

func redirectAnswer(code int, location string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Location", location)
		w.WriteHeader(code)
	}
}

func emptyAnswer(code int) answer {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

// withoutLimitHeaders is the answer as a proxy in front of the API gives it.
func withoutLimitHeaders(a answer) answer {
	return func(w http.ResponseWriter) {
		removeLimitHeaders(w)
		a(w)
	}
}

func removeLimitHeaders(w http.ResponseWriter) {
	w.Header().Del(limitHeader)
	w.Header().Del(windowHeader)
}
