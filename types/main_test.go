package types_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/internal/invariants"
	"github.com/residedb/reside/store"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errNo = errors.New("no")

func newStore(t testing.TB) *store.Store { return openStore(t, store.Options{Seed: 1}) }

func openStore(t testing.TB, o store.Options) *store.Store {
	s := store.New(o)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// clock is a clock that a test moves. It calls nobody: what expires does so when it
// is looked at.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) AfterFunc(time.Duration, func()) store.Timer { return noTimer{} }

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type noTimer struct{}

func (noTimer) Stop() bool { return true }

// asker is a codec of strings that uses the store, which would wait for ever if it
// ran under a lock.
type asker struct {
	s     *store.Store
	key   string
	asked *int // how often
}

func (a asker) ask() {
	if _, err := a.s.Exists(context.Background(), a.key); err != nil {
		panic(err)
	}
	*a.asked++
}

func (a asker) Append(dst []byte, v string) ([]byte, error) {
	a.ask()
	return append(append(dst, '<'), v...), nil
}

func (a asker) Decode(b []byte) (string, error) {
	a.ask()
	if len(b) == 0 || b[0] != '<' {
		return "", errNo
	}
	return string(b[1:]), nil
}

// allocates checks how many allocations a call makes at most, but for the checked build,
// where readers always come together.
func allocates(t *testing.T, most float64, call func()) {
	t.Helper()
	if !raceEnabled && !invariants.Enabled {
		require.LessOrEqual(t, testing.AllocsPerRun(100, call), most)
	}
}
