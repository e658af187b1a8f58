package sequentum

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

const redacted = "(redacted)"

// minSecret is the length from which a secret is told from ordinary text. No real
// key is as short.
const minSecret = 4

// redactor takes the client's secrets out of whatever comes back, should a server
// or proxy echo them.
type redactor struct {
	*strings.Replacer
}

func newRedactor(secrets ...string) redactor {
	var pairs []string
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		quoted := strconv.Quote(secret) // as in JSON, for the characters that a key can hold
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), quoted[1 : len(quoted)-1]} {
			pairs = append(pairs, form, redacted)
		}
	}
	return redactor{strings.NewReplacer(pairs...)}
}

func (r redactor) bytes(data []byte) []byte {
	return []byte(r.Replace(string(data)))
}

// error returns err, or, when its text holds a secret, one without: it can still
// be asked with errors.Is, but not unwrapped.
func (r redactor) error(err error) error {
	text := r.Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return redactedError{text, err}
}

type redactedError struct {
	text  string
	cause error
}

func (e redactedError) Error() string        { return e.text }
func (e redactedError) Is(target error) bool { return errors.Is(e.cause, target) }
