package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// journal is the log in a store: each handle is a key with a Go type.
type journal struct {
	s           *store.Store
	lines       types.Counter             // how many there are
	first, last types.String[time.Time]   // when the log begins and ends
	actions     types.Hash[string, int64] // how often each action was done
	unpacked    types.Set[string]         // packages that were unpacked
	installed   types.Set[string]         // packages that are installed in the end
	order       types.List[string]        // packages as they got installed
	busiest     types.ZSet[string]        // packages by the number of their lines
}

func newJournal(s *store.Store) *journal {
	return &journal{
		s:         s,
		lines:     types.NewCounter(s, "lines"),
		first:     types.NewString[time.Time](s, "first"),
		last:      types.NewString[time.Time](s, "last"),
		actions:   types.NewHash[string, int64](s, "actions"),
		unpacked:  types.NewSet[string](s, "unpacked"),
		installed: types.NewSet[string](s, "installed"),
		order:     types.NewList[string](s, "order"),
		busiest:   types.NewZSet[string](s, "busiest"),
	}
}

// read takes the log in, line by line.
func (j *journal) read(ctx context.Context, r io.Reader) error {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if err := j.line(ctx, lines.Text()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return lines.Err()
}

// line takes one line in as one transaction: whoever looks never sees half of it.
// It reads "2025-06-24 14:36:25 status installed libc6:amd64 2.36-9", or
// "... install libc6:amd64 <none> 2.36-9".
func (j *journal) line(ctx context.Context, text string) error {
	words := strings.Fields(text)
	if len(words) < 4 {
		return fmt.Errorf("%d words are too few", len(words))
	}
	at, err := time.Parse(time.DateTime, words[0]+" "+words[1])
	if err != nil {
		return err
	}
	action, rest := words[2], words[3:]
	if action == "status" && len(rest) > 1 {
		action, rest = rest[0], rest[1:]
	}
	return j.s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := j.note(ctx, tx, at, action); err != nil || action == "startup" {
			return err
		}
		return j.touch(ctx, tx, action, rest[0])
	})
}

// note counts the line and its action.
func (j *journal) note(ctx context.Context, tx *store.Tx, at time.Time, action string) error {
	if _, err := j.lines.In(tx).Incr(ctx); err != nil {
		return err
	}
	if _, err := j.first.In(tx).SetWith(ctx, at, types.SetOptions{If: types.IfAbsent}); err != nil {
		return err
	}
	if err := j.last.In(tx).Set(ctx, at); err != nil {
		return err
	}
	_, err := j.actions.In(tx).Add(ctx, action, 1)
	return err
}

// touch keeps what the line says of a package.
func (j *journal) touch(ctx context.Context, tx *store.Tx, action, name string) error {
	if _, err := j.busiest.In(tx).Incr(ctx, name, 1); err != nil {
		return err
	}
	switch action {
	case "unpacked":
		_, err := j.unpacked.In(tx).Add(ctx, name)
		return err
	case "installed":
		return j.install(ctx, tx, name)
	case "not-installed":
		_, err := j.installed.In(tx).Remove(ctx, name)
		return err
	}
	return nil
}

func (j *journal) install(ctx context.Context, tx *store.Tx, name string) error {
	added, err := j.installed.In(tx).Add(ctx, name)
	if err == nil && added > 0 {
		_, err = j.order.In(tx).PushBack(ctx, name)
	}
	return err
}
