package vfs_test

import (
	"io"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// saver replaces the file "now": by the book, or with one of the well-known mistakes,
// each of which has lost data in programs that people trusted.
type saver struct {
	noSync      bool // the file is renamed before its bytes are durable
	noDirSync   bool // nobody waits for the rename
	inPlace     bool // the old content is overwritten
	secondSync  bool // a Sync that failed is tried again, and believed
	secondDir   bool // the same with the directory's
	ignoreWrite bool // a short write goes unnoticed
}

func (s saver) save(d vfs.FS, text string) error {
	if s.inPlace {
		return s.overwrite(d, text)
	}
	f, err := d.Create("next")
	if err != nil {
		return err
	}
	if err := s.fill(f, text); err != nil {
		return err
	}
	if err := d.Rename("next", "now"); err != nil || s.noDirSync {
		return err
	}
	return again(s.secondDir, d.Sync)
}

func (s saver) overwrite(d vfs.FS, text string) error {
	f, err := d.Open("now")
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	return s.fill(f, text)
}

func (s saver) fill(f vfs.File, text string) error {
	for part := range strings.SplitAfterSeq(text, " ") {
		if _, err := io.WriteString(f, part); err != nil && !s.ignoreWrite {
			return err
		}
	}
	if s.noSync {
		return f.Close()
	}
	if err := again(s.secondSync, f.Sync); err != nil {
		return err
	}
	return f.Close()
}

func again(try bool, sync func() error) error {
	err := sync()
	if err != nil && try {
		err = sync()
	}
	return err
}

// losses runs a saver with each of its calls failing in turn, and with the power gone at
// each, and returns what was found where neither the old nor the new text was, or the
// old one though save had returned.
func losses(t *testing.T, s saver) (lost []string) {
	t.Helper()
	const was, will = "old text", "the new text"
	for n, calls := 1, 1; n <= calls; n++ {
		for _, failure := range []error{nil, syscall.EIO, &vfs.ShortError{Bytes: 2, Err: syscall.ENOSPC}} {
			m := vfs.NewMem()
			put(t, m, "now", was)
			require.NoError(t, m.Sync())
			faults, atCall := vfs.NewFaults(m), m
			faults.Inject(func(c vfs.Call) error {
				if c.N == n {
					atCall = m.Clone()
					return failure
				}
				return nil
			})
			err := s.save(faults, will)
			calls = max(calls, faults.Calls())
			for seed := range uint64(50) {
				rng := rand.New(rand.NewPCG(seed, uint64(n)))
				if got := content(t, atCall.Clone().Crash(rng), "now"); got != was && got != will && atCall != m {
					lost = append(lost, got)
				}
				if got := content(t, m.Clone().Crash(rng), "now"); got != will && (err == nil || got != was) {
					lost = append(lost, got)
				}
			}
		}
	}
	return lost
}

// TestProtocols finds nothing to complain of in the right one, and what is wrong with
// each of the others.
func TestProtocols(t *testing.T) {
	require.Empty(t, losses(t, saver{}))
	for name, s := range map[string]saver{
		"no sync":                {noSync: true},
		"no directory sync":      {noDirSync: true},
		"in place":               {inPlace: true},
		"second sync":            {secondSync: true},
		"second directory sync":  {secondDir: true},
		"errors of write unseen": {ignoreWrite: true},
	} {
		require.NotEmpty(t, losses(t, s), name)
	}
}
