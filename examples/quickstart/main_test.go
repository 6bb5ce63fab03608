package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

// expected finds the answers out another way: with regular expressions and Go's
// maps over the whole text.
type expected struct {
	actions             map[string]int64
	unpacked, installed map[string]bool
	order               []string
	busy                map[string]int64
}

var entry = regexp.MustCompile(`(?m)^\S+ \S+ (?:status )?(\S+) (\S+)`)

func expect(text string) expected {
	e := expected{map[string]int64{}, map[string]bool{}, map[string]bool{}, nil, map[string]int64{}}
	for _, m := range entry.FindAllStringSubmatch(text, -1) {
		action, name := m[1], m[2]
		e.actions[action]++
		if action == "startup" {
			continue
		}
		e.busy[name]++
		switch action {
		case "unpacked":
			e.unpacked[name] = true
		case "not-installed":
			delete(e.installed, name)
		case "installed":
			if !e.installed[name] {
				e.order = append(e.order, name)
			}
			e.installed[name] = true
		}
	}
	return e
}

func TestAnswers(t *testing.T) {
	ctx := t.Context()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	j := newJournal(s)
	require.NoError(t, j.read(ctx, strings.NewReader(shipped)))
	a, err := j.answer(ctx)
	require.NoError(t, err)
	want := expect(shipped)

	require.EqualValues(t, strings.Count(shipped, "\n"), a.lines)
	require.Equal(t, "5m51s", a.took.String(), "from 14:36:25 to 14:42:16")
	require.Len(t, a.actions, len(want.actions))
	for _, p := range a.actions {
		require.Equal(t, want.actions[p.Key], p.Value, p.Key)
	}
	require.EqualValues(t, len(want.unpacked), a.unpacked)
	require.EqualValues(t, len(want.installed), a.installed)
	require.Equal(t, want.order[:few], a.earliest)
	require.Equal(t, want.order[len(want.order)-few:], a.latest)
	for name := range want.unpacked {
		require.Equal(t, !want.installed[name], slices.Contains(a.broken, name), name)
	}
	require.Len(t, a.busiest, few)
	for i, m := range a.busiest {
		require.EqualValues(t, want.busy[m.Member], m.Score)
		busier := 0
		for _, n := range want.busy {
			if float64(n) > m.Score {
				busier++
			}
		}
		require.LessOrEqual(t, busier, i, m.Member)
	}
}

func TestRunOnAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte(`2025-06-24 14:36:25 status installed tree:amd64 2.1
2025-06-24 14:36:25 status unpacked half:amd64 1.0
`), 0o600))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{path}))
	require.Contains(t, out.String(), "2 lines, over 0s")
	require.Contains(t, out.String(), "Installed first: tree:amd64")
	require.Contains(t, out.String(), "Unpacked but not installed: half:amd64")
	require.Error(t, run(context.Background(), &out, []string{path + "x"}))
	require.NoError(t, os.WriteFile(path, []byte("no log at all\n"), 0o600))
	require.ErrorContains(t, run(t.Context(), &out, []string{path}), "line 1: ")
}
