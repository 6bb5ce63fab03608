package command_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// TestEventsAreThoseOfRedis runs every script on a real redis-server that notifies of
// all it does, and on Reside with a listener: the events of each case are the same,
// in the same order.
func TestEventsAreThoseOfRedis(t *testing.T) {
	addr := script.StartRedis(t)
	real := newNotified(t, addr)
	ours := newSubject(t)
	heard, seen := newHeard(t, ours.store), map[string]bool{}
	for _, path := range oracleScripts(t) {
		f, err := script.Parse(path)
		require.NoError(t, err)
		t.Run(filepath.Base(path), func(t *testing.T) {
			var want, got [][]string
			t.Run("redis", func(t *testing.T) {
				script.Run(t, f, addr, 3, func(t *testing.T) { want = append(want, real.sofar(t)) })
			})
			t.Run("reside", func(t *testing.T) {
				script.Run(t, f, ours.addr, 3, func(t *testing.T) { got = append(got, heard.sofar(t)) })
			})
			require.Len(t, got, len(want))
			for i, c := range f.Cases {
				compareEvents(t, c.Name, want[i], got[i], seen)
			}
		})
	}
	requireAllSeen(t, seen)
}

// deviations are cases whose events differ, with the reason.
var deviations = map[string]string{
	"debug": "DEBUG POPULATE sets keys; in Redis it adds them where no command does",
}

func compareEvents(t *testing.T, name string, want, got []string, seen map[string]bool) {
	if reason, ok := deviations[name]; ok {
		require.NotEqual(t, want, got, "%s is no deviation any more: %s", name, reason)
		return
	}
	require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"), name)
	for _, line := range got {
		seen[line[strings.LastIndexByte(line, ' ')+1:]] = true
	}
}

// requireAllSeen: every event was compared that a script can cause on the oracle.
func requireAllSeen(t *testing.T, seen map[string]bool) {
	elsewhere := []event.Name{
		event.Evicted,                                 // see TestEvictedEvents
		event.HExpire, event.HPersist, event.HExpired, // of 7.4, see TestEventsOfFields
	}
	for n := event.New; n <= event.Last; n++ {
		require.Equal(t, !slices.Contains(elsewhere, n), seen[n.String()], "%s", n)
	}
}

// oracleScripts are those that redis-server 7.0.15 understands. In connection.script
// clients look at each other, and would see the subscriber.
func oracleScripts(t *testing.T) (paths []string) {
	all, err := filepath.Glob("testdata/*.script")
	require.NoError(t, err)
	newer := regexp.MustCompile(`_(\d+\.\d+|own)\.script$`)
	for _, p := range all {
		if !newer.MatchString(p) && filepath.Base(p) != "connection.script" {
			paths = append(paths, p)
		}
	}
	require.NotEmpty(t, paths)
	return paths
}

// marker is the key of an event that ends a case.
const marker = "marker"

// notified is a subscriber of a real server's notifications.
type notified struct{ admin, sub *script.Client }

func newNotified(t *testing.T, addr string) *notified {
	admin, err := script.Dial(addr, 2)
	require.NoError(t, err)
	t.Cleanup(admin.Close)
	sub, err := script.Dial(addr, 2)
	require.NoError(t, err)
	t.Cleanup(sub.Close)
	v, err := admin.Do("CONFIG", "SET", "notify-keyspace-events", "EAn")
	require.NoError(t, err)
	require.Equal(t, "+OK", v.String())
	_, err = sub.Do("PSUBSCRIBE", "__keyevent@*__:*")
	require.NoError(t, err)
	return &notified{admin, sub}
}

// sofar is what was told since the last call.
func (n *notified) sofar(t *testing.T) (list []string) {
	_, err := n.admin.Do("PUBLISH", "__keyevent@0__:set", marker)
	require.NoError(t, err)
	for {
		v, err := n.sub.Receive()
		require.NoError(t, err)
		if v.Kids[3].Text == marker {
			return list
		}
		var db int
		channel := v.Kids[2].Text
		_, err = fmt.Sscanf(channel, "__keyevent@%d__:", &db)
		require.NoError(t, err)
		list = append(list, told(db, v.Kids[3].Text, channel[strings.IndexByte(channel, ':')+1:]))
	}
}

func told(db int, key, name string) string { return fmt.Sprintf("%d %q %s", db, key, name) }

// heard is a listener to a store.
type heard struct {
	s      *store.Store
	events *store.Events
}

func newHeard(t *testing.T, s *store.Store) *heard {
	o := store.EventOptions{AllDatabases: true, Buffer: 1 << 20}
	for n := event.None + 1; n <= event.Last; n++ {
		o.Names = append(o.Names, n)
	}
	events, err := s.EventsWith(t.Context(), "*", o)
	require.NoError(t, err)
	t.Cleanup(events.Close)
	return &heard{s, events}
}

func (h *heard) sofar(t *testing.T) (list []string) {
	require.NoError(t, types.NewString[string](h.s, marker).Set(t.Context(), ""))
	for {
		e, err := h.events.Next(t.Context())
		require.NoError(t, err)
		switch {
		case e.Key != marker:
			list = append(list, told(e.DB, e.Key, e.Name.String()))
		case e.Name == event.Set:
			return list
		}
	}
}
