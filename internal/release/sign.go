// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// passphrase protects the throw-away key, as that of a release is protected.
const passphrase = "throw away"

func runSign(ctx context.Context, flags *flag.FlagSet, args []string) error {
	if err := parse(flags, args); err != nil {
		return err
	}
	if _, err := exec.LookPath("gpg"); err != nil {
		return errors.New("gpg is not on PATH. Install it (Debian: apt-get install gnupg; macOS: brew install gnupg) and try again")
	}
	return inTemporary(func(dir string) error {
		maintainer, err := newKeyring()
		if err != nil {
			return err
		}
		user, err := newKeyring()
		if err == nil {
			err = signOnce(ctx, dir, maintainer, user)
		}
		return errors.Join(err, maintainer.remove(), user.remove())
	})
}

// signOnce signs a snapshot as a release is signed, and verifies it as a registry does: with the public key alone.
func signOnce(ctx context.Context, dir string, maintainer, user keyring) error {
	fingerprint, err := maintainer.createKey(ctx)
	if err != nil {
		return err
	}
	report("created a throw-away key")
	s := snapshot{source: ".", dist: filepath.Join(dir, "dist"), host: true, signed: true}
	s.env = []string{"GNUPGHOME=" + string(maintainer), "GPG_FINGERPRINT=" + fingerprint, "GPG_PASSPHRASE=" + passphrase}
	if err := s.build(ctx); err != nil {
		return err
	}
	want := expectation{platforms: []string{hostPlatform}, manifest: manifestPath, signed: true}
	if err := checkRelease(s.dist, want); err != nil {
		return err
	}
	public, err := maintainer.gpg(ctx, "--armor", "--export", fingerprint)
	if err != nil {
		return err
	}
	key := filepath.Join(dir, "public.asc")
	if err := os.WriteFile(key, []byte(public), 0o600); err != nil {
		return err
	}
	if _, err := user.gpg(ctx, "--import", key); err != nil {
		return err
	}
	version, err := findVersion(s.dist)
	if err != nil {
		return err
	}
	f := folder{dir: s.dist, version: version}
	if _, err := user.gpg(ctx, "--verify", f.path(signatureEnd), f.path(checksumsEnd)); err != nil {
		return fmt.Errorf("the signature must be valid: %w", err)
	}
	changed := filepath.Join(dir, "changed")
	content, err := os.ReadFile(f.path(checksumsEnd))
	if err := errors.Join(err, os.WriteFile(changed, append(content, '\n'), 0o600)); err != nil {
		return err
	}
	if _, err := user.gpg(ctx, "--verify", f.path(signatureEnd), changed); err == nil {
		return errors.New("the signature is also valid for other checksums")
	}
	report("the signature is valid, and not for changed checksums")
	return nil
}

// keyring is a folder of gpg.
type keyring string

// newKeyring creates an empty keyring. Its path is short: the sockets of gpg's agent are in it.
func newKeyring() (keyring, error) {
	dir, err := os.MkdirTemp("", "gpg")
	if err != nil {
		return "", fmt.Errorf("creating a keyring: %w", err)
	}
	return keyring(dir), nil
}

// gpg returns what gpg prints.
func (k keyring) gpg(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "gpg", append([]string{"--batch", "--no-tty"}, args...)...)
	command.Env = append(os.Environ(), "GNUPGHOME="+string(k))
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("gpg %s: %w\n%s", strings.Join(args, " "), err, problems.String())
	}
	return string(output), nil
}

// createKey creates an RSA key: the Terraform registry does not accept gpg's default, which is ECC.
func (k keyring) createKey(ctx context.Context) (fingerprint string, err error) {
	if _, err := k.gpg(ctx, "--pinentry-mode", "loopback", "--passphrase", passphrase, "--quick-generate-key", "Nobody <nobody@example.test>", "rsa3072", "sign", "1d"); err != nil {
		return "", err
	}
	keys, err := k.gpg(ctx, "--list-secret-keys", "--with-colons")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(keys) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); fields[0] == "fpr" && len(fields) > 9 {
			return fields[9], nil
		}
	}
	return "", errors.New("gpg shows no fingerprint of the new key")
}

// remove ends the agent of the keyring, and removes the keys.
func (k keyring) remove() error {
	if k == "" {
		return nil
	}
	stop := exec.CommandContext(context.Background(), "gpgconf", "--kill", "all") // also after an interrupt
	stop.Env = append(os.Environ(), "GNUPGHOME="+string(k))
	return errors.Join(stop.Run(), os.RemoveAll(string(k)))
}
