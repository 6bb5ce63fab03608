package persist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
)

// MemoryLog keeps records in memory: it is a Log for tests and for stores that need not
// survive their process. The zero value is empty, and ready. It keeps the records behind
// the position that they were last trimmed to, or where Begin left a gap before them.
// After Close it can be replayed and used again, as by another process.
type MemoryLog struct {
	mu      sync.Mutex
	history string // "" before the first Begin
	behind  int64  // the records are those behind this position
	records []Record
	size    int64
	begun   bool
}

// Errors of calls in the wrong order.
var (
	errNotBegun = errors.New("persist: nothing can be appended before Begin, or after an error")
	errOrder    = errors.New("persist: that position does not follow the last one")
)

// Replay hands on the records behind a position: see Log.
func (m *MemoryLog) Replay(ctx context.Context, history string, after int64, apply func(Record) error) (Recovery, error) {
	found := Recovery{Position: after}
	list, err := m.find(history, after, &found)
	if err != nil {
		return found, err
	}
	for _, r := range list {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		if err := apply(Record{r.Position, r.Clock, bytes.Clone(r.Effects)}); err != nil {
			return found, err
		}
		found.Position, found.Records = r.Position, found.Records+1
	}
	return found, ctx.Err()
}

func (m *MemoryLog) find(history string, after int64, found *Recovery) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.history == "":
		return nil, nil
	case history != "" && history != m.history:
		return nil, fmt.Errorf("%w: the log is of %s, and what it follows of %s", ErrHistory, m.history, history)
	case after < m.behind:
		return nil, fmt.Errorf("%w: the log begins behind %d, and what is behind %d is needed", ErrGap, m.behind, after)
	}
	found.History = m.history
	return m.records[min(after-m.behind, int64(len(m.records))):], nil
}

// Begin says where the next record belongs: see Log.
func (m *MemoryLog) Begin(history string, position int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if history == m.history && position < m.last() {
		return errOrder
	}
	if history != m.history || position != m.last() {
		m.history, m.behind, m.records, m.size = history, position, nil, 0
	}
	m.begun = true
	return nil
}

// last is the position of the last record. mu is held.
func (m *MemoryLog) last() int64 { return m.behind + int64(len(m.records)) }

// Append keeps copies of records: see Log.
func (m *MemoryLog) Append(records []Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.begun {
		return errNotBegun
	}
	for i, r := range records {
		if r.Position != m.last()+1+int64(i) {
			m.begun = false
			return errOrder
		}
	}
	for _, r := range records {
		r.Effects = bytes.Clone(r.Effects)
		m.records = append(m.records, r)
		m.size += recordSize(r)
	}
	return nil
}

// recordSize is about how many bytes a record takes.
func recordSize(r Record) int64 { return int64(len(r.Effects)) + 40 }

// Sync does nothing: memory is as durable as it is.
func (m *MemoryLog) Sync() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.begun {
		return errNotBegun
	}
	return nil
}

// Trim drops the records up to a position: see Log.
func (m *MemoryLog) Trim(upTo int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := min(upTo-m.behind, int64(len(m.records)))
	if n <= 0 {
		return nil
	}
	for _, r := range m.records[:n] {
		m.size -= recordSize(r)
	}
	m.records = append([]Record(nil), m.records[n:]...)
	m.behind += n
	return nil
}

// Size is about how many bytes the records take.
func (m *MemoryLog) Size() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.size
}

// Close ends the use of the log. The records stay.
func (m *MemoryLog) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun = false
	return nil
}
