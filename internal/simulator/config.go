package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Config is the content of an agents file.
type Config struct {
	Agents   []Agent  `json:"agents"`
	Faults   []Fault  `json:"faults"`
	Variants Variants `json:"variants"`
}

// Variants are the [Options] of the same names, as an agents file has them.
type Variants struct {
	AccessToken       string       `json:"access_token"`
	Scopes            []string     `json:"scopes"`
	ErrorShapes       []ErrorShape `json:"error_shapes"`
	IDServers         int          `json:"id_servers"`
	LinkLife          Duration     `json:"link_life"`
	PersonalSpaceZero bool         `json:"personal_space_zero"`
	InlineDownloads   bool         `json:"inline_downloads"`
	LegacyStatusNames bool         `json:"legacy_status_names"`
	StartAnswersRunID bool         `json:"start_answers_run_id"`
	EchoKey           bool         `json:"echo_key"`
}

// Apply sets the options that an agents file has.
func (c Config) Apply(o *Options) {
	v := c.Variants
	o.Agents, o.Faults = c.Agents, c.Faults
	o.AccessToken, o.Scopes, o.ErrorShapes, o.EchoKey = v.AccessToken, v.Scopes, v.ErrorShapes, v.EchoKey
	o.IDServers, o.LinkLife, o.PersonalSpaceZero = v.IDServers, time.Duration(v.LinkLife), v.PersonalSpaceZero
	o.InlineDownloads, o.LegacyStatusNames, o.StartAnswersRunID = v.InlineDownloads, v.LegacyStatusNames, v.StartAnswersRunID
}

// ReadConfig reads an agents file: a JSON object of agents, faults and variants, or an array of agents. Its errors name the
// file and the field.
func ReadConfig(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the agents: %w", err)
	}
	config, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("read the agents from %s: %w", path, err)
	}
	return config, nil
}

func parseConfig(text []byte) (Config, error) {
	var config Config
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line := 1 + bytes.Count(text[:syntax.Offset], []byte("\n"))
			return config, fmt.Errorf("line %d: %w", line, err)
		}
		return config, err
	}
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(whole), []byte("[")) {
		err = decode("agents", whole, reflect.ValueOf(&config.Agents).Elem())
	} else {
		err = decode("", whole, reflect.ValueOf(&config).Elem())
	}
	if err != nil {
		return Config{}, err
	}
	return config, config.check()
}

var (
	durationType    = reflect.TypeFor[time.Duration]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// decode reads JSON into v, and knows where it is when something is wrong, which encoding/json does not say of a
// type that reads itself. Fields that v lacks are errors.
func decode(path string, text json.RawMessage, v reflect.Value) error {
	t := v.Type()
	switch {
	case t == durationType:
		var d Duration
		if err := d.UnmarshalJSON(text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		v.SetInt(int64(d))
		return nil
	case reflect.PointerTo(t).Implements(unmarshalerType):
	case t.Kind() == reflect.Pointer && string(text) != "null":
		v.Set(reflect.New(t.Elem()))
		return decode(path, text, v.Elem())
	case t.Kind() == reflect.Struct:
		return decodeObject(path, text, v)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return decodeArray(path, text, v)
	}
	if err := json.Unmarshal(text, v.Addr().Interface()); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Errorf("%s: a %s is no %s", path, wrong.Value, wrong.Type)
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func decodeObject(path string, text json.RawMessage, v reflect.Value) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || object == nil {
		return fmt.Errorf("%s: %s is no object", orRoot(path), text)
	}
	fields := make(map[string]int)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = i
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field := strings.TrimPrefix(path+"."+name, ".")
		i, ok := fields[name]
		if !ok {
			return fmt.Errorf("%s: unknown field; known are %s", field,
				strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
		if err := decode(field, object[name], v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeArray(path string, text json.RawMessage, v reflect.Value) error {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		return fmt.Errorf("%s: %s is no array", path, text)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := decode(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func orRoot(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
