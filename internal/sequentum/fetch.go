// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"io"
)

// fetchObject sends a call that is answered with one object. convert makes what the method returns from the wire format,
// or says why the object cannot be used. It is given the redactor for texts: r.printable for a name and other short ones,
// r.text for long ones.
func fetchObject[W, T any](ctx context.Context, c *Client, k *call, convert func(w *W, r *redactor) (T, error)) (*T, error) {
	object, err := fetch(ctx, c, k, func(body io.Reader) (T, error) { return decodeObject(body, c.redact, convert) })
	if err != nil {
		return nil, err
	}
	return &object, nil
}

// fetchList sends a call that is answered with an array. decode is decodeAll, or decodeList where the API limits the
// number of elements, with a convert function as for fetchObject. Each try decodes anew. Elements that cannot be used are
// left out and logged; that none can be used is an error, except with decodeAllUsable.
func fetchList[T any](ctx context.Context, c *Client, k *call, decode func(body io.Reader, r *redactor) (*list[T], error)) (*list[T], error) {
	elements, err := fetch(ctx, c, k, func(body io.Reader) (*list[T], error) { return decode(body, c.redact) })
	if err != nil {
		return nil, err
	}
	elements.logSkipped(ctx, k.path)
	return elements, nil
}

// fetch sends a call, and returns what decode made of its answer.
func fetch[T any](ctx context.Context, c *Client, k *call, decode func(body io.Reader) (T, error)) (T, error) {
	var answer T
	k.decode = func(body io.Reader) (err error) {
		answer, err = decode(body)
		return err
	}
	if err := c.send(ctx, k); err != nil {
		var none T
		return none, err
	}
	return answer, nil
}
