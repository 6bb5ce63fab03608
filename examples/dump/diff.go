package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/residedb/reside/store"
)

// diff shows the keys that two files do not have alike, one on a line: "-" for one that
// only the first has, "+" for one that only the second has, "~" for one that differs.
func (o *options) diff(ctx context.Context, one, other string) error {
	a, err := o.load(ctx, one)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	b, err := o.load(ctx, other)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	different := false
	say := func(format string, args ...any) {
		different = true
		fmt.Fprintf(o.out, format, args...)
	}
	err = o.each(ctx, a, func(db int, in *store.Store, key string) error {
		why, err := compare(ctx, db, in, b.Select(db), key)
		switch why {
		case "":
		case missing:
			say("- %d %q\n", db, key)
		default:
			say("~ %d %q: %s\n", db, key, why)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = o.each(ctx, b, func(db int, _ *store.Store, key string) error {
		n, err := a.Select(db).Exists(ctx, key)
		if err == nil && n == 0 {
			say("+ %d %q\n", db, key)
		}
		return err
	})
	if err == nil && different {
		err = errDifferent
	}
	return err
}

const missing = "missing"

// compare says what of a key is not the same in another store.
func compare(ctx context.Context, db int, in, other *store.Store, key string) (why string, err error) {
	a, ok, err := lineOf(ctx, db, in, key)
	if err != nil || !ok {
		return "", err
	}
	b, ok, err := lineOf(ctx, db, other, key)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return missing, nil
	case a.Type != b.Type:
		return fmt.Sprintf("a %s, and a %s", a.Type, b.Type), nil
	case !bytes.Equal(a.Value, b.Value):
		return "another value", nil
	}
	return lifetimes(a, b), nil
}

// lifetimes says how the deadlines of two keys differ.
func lifetimes(a, b line) string {
	switch {
	case a.Expires == nil && b.Expires == nil || a.Expires != nil && b.Expires != nil && a.Expires.Equal(*b.Expires):
		return ""
	case a.Expires == nil:
		return fmt.Sprintf("it expires only in the second, at %s", b.Expires)
	case b.Expires == nil:
		return fmt.Sprintf("it expires only in the first, at %s", a.Expires)
	}
	return fmt.Sprintf("it expires at %s, and at %s", a.Expires, b.Expires)
}
