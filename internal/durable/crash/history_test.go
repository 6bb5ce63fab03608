package crash

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// history is all changes that a store has committed, and what it has acknowledged.
type history struct {
	mu      sync.Mutex
	changes map[int64]change // by position
	acks    []ack            // in the order of time
	floor   int64            // up to here all was acknowledged as durable

	digests []string // of the content at each position, as far as it was asked for
	again   *engine.Engine
}

// ack is a write that returned without an error.
type ack struct {
	position int64
	at       time.Time
}

func newHistory() *history { return &history{changes: map[int64]change{}} }

func (h *history) note(position int64, c change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes[position] = c
}

// acknowledge notes that a write has returned. If it is durable, all before it is.
func (h *history) acknowledge(position int64, durable bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acks = append(h.acks, ack{position, time.Now()})
	if durable {
		h.floor = max(h.floor, position)
	}
}

// acknowledged is what was promised so far.
func (h *history) acknowledged() (acks []ack, floor int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clip(h.acks), h.floor
}

func (h *history) last() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int64(len(h.changes))
}

// digest is that of the content at a position. Every position up to there was noted.
func (h *history) digest(t testing.TB, position int64) string {
	if h.again == nil {
		h.again = engine.New(engine.Options{Seed: 1})
		h.digests = []string{digestOf(t, h.again)}
	}
	for next := int64(len(h.digests)); next <= position; next++ {
		c, ok := h.changes[next]
		require.True(t, ok, "no change was noted at position %d", next)
		apply(t, h.again, c)
		require.Equal(t, next, h.again.Position(), "a change is one position")
		h.digests = append(h.digests, digestOf(t, h.again))
	}
	return h.digests[position]
}

func apply(t testing.TB, e *engine.Engine, c change) {
	tx := e.Begin(c.keys(), false, false)
	require.NoError(t, c.run(tx))
	tx.Commit()
}

func digestOf(t testing.TB, e *engine.Engine) string {
	d, err := e.Digest(t.Context())
	require.NoError(t, err)
	return d.String()
}

// cut makes the history one that ends at a position: that is where a store was
// recovered.
func (h *history) cut(position int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p := range h.changes {
		if p > position {
			delete(h.changes, p)
		}
	}
	h.acks, h.floor = nil, position
	if int64(len(h.digests)) > position+1 {
		h.close()
	}
}

// copy is a history of its own that ends at a position.
func (h *history) copy(position int64) *history {
	c := newHistory()
	for p := range position {
		c.changes[p+1] = h.changes[p+1]
	}
	c.floor = position
	return c
}

// promise is the same history with another floor; it is not to be written to.
func (h *history) promise(floor int64) *history {
	return &history{changes: h.changes, digests: h.digests, again: h.again, floor: floor}
}

func (h *history) close() {
	if h.again != nil {
		h.again.Close()
		h.again, h.digests = nil, nil
	}
}

// String tells of the end of the history, for messages.
func (h *history) String() string {
	return fmt.Sprintf("%d changes, %d of them known to be durable", len(h.changes), h.floor)
}
