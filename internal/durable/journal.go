package durable

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// Policy says when the log is synced.
type Policy uint8

// The policies (Redis: appendfsync).
const (
	EverySecond Policy = iota // twice a second; writers wait when a sync is late
	Always                    // before anything that shows a write leaves
	Never                     // when the system likes to
)

// What paces the journal.
const (
	writeAfter = 10 * time.Millisecond  // a record waits so long for others to be written with it
	syncAfter  = 500 * time.Millisecond // by the policy EverySecond, and so long a sync may take
	writeAt    = 256 << 10              // bytes that are not waited with
	roomBytes  = 32 << 20               // bytes that may wait before writers do
)

// journal is what an engine's records go through on their way to a log.
//
//	transactions ─ Record ▸ │ buffer │ ─ flush ▸ log ─ Sync ▸ disk
//	                          seq        written    durable
//
// Records are copied into a buffer under the keys' locks. Whoever has the turn swaps it
// for an empty one and hands it to the log: a timer some milliseconds after the first
// record, or a writer who waits for the disk. The others who wait meanwhile go with the
// next one, so that all who write at the same time share a sync.
type journal struct {
	clock  engine.Clock
	policy atomic.Uint32
	room   int // most bytes that wait before writers do

	mu      sync.Mutex // a leaf: engine.Journal's lock
	log     persist.Log
	history string
	buffer  batch
	spare   batch
	begins  []int64       // positions behind which a segment of the log is to begin
	seq     int64         // of the last record
	now     int64         // when the buffer's first record came, unix ms
	turn    chan struct{} // closed when whoever has the turn gives it back; nil if nobody has
	state   state
	err     error         // why the state is broken
	late    int64         // a record that should have been synced by now, 0 for none
	moved   chan struct{} // closed when anything has changed that Admit waits for; nil if it does not
	ended   bool
	patient bool // the log has failed on purpose: who waits for it waits on

	unsynced bool         // a timer will sync what is in the buffer, or was written
	writing  bool         // a timer will write the buffer
	blocked  atomic.Bool  // Admit has to look closer
	written  atomic.Int64 // the last record that the log has
	durable  atomic.Int64 // the last one that is on disk

	onFlush func(error) // told what became of each batch, without a lock
}

// state is what becomes of records.
type state uint8

const (
	off     state = iota // numbered only: there is no log
	running              // written
	broken               // numbered only, as the log has failed; writes are refused
	mending              // kept for a new segment, behind a snapshot under way; writes are refused
	opening              // the same, but writes go on
)

func newJournal(clock engine.Clock, room int) *journal {
	if room == 0 {
		room = roomBytes
	}
	return &journal{clock: clock, room: room}
}

// batch is some records one behind another.
type batch struct {
	bytes   []byte
	records []placed
	list    []persist.Record // for the log, made when they are written
}

// placed is a record in a batch.
type placed struct {
	seq, clock int64
	end        int // of its effects
}

func (b *batch) add(r engine.Record) {
	b.bytes = append(b.bytes, r.Effects...)
	b.records = append(b.records, placed{r.Seq, r.Clock, len(b.bytes)})
}

// all are the records as the log takes them.
func (b *batch) all() []persist.Record {
	from := 0
	b.list = b.list[:0]
	for _, p := range b.records {
		b.list = append(b.list, persist.Record{Position: p.seq, Clock: p.clock, Effects: b.bytes[from:p.end:p.end]})
		from = p.end
	}
	return b.list
}

// mostKept is how many bytes an empty batch keeps room for.
const mostKept = 4 << 20

func (b *batch) clear() {
	if cap(b.bytes) > mostKept || len(b.records) > mostKept/64 {
		*b = batch{}
		return
	}
	clear(b.list)
	b.bytes, b.records = b.bytes[:0], b.records[:0]
}

// Lock is engine.Journal's.
func (j *journal) Lock() { j.mu.Lock() }

// Unlock is engine.Journal's.
func (j *journal) Unlock() { j.mu.Unlock() }

// Now is the time of the buffer's first record: the clock is read once for all that are
// written together.
func (j *journal) Now() int64 {
	if len(j.buffer.records) == 0 {
		j.now = j.clock.Now().UnixMilli()
	}
	return j.now
}

// Record puts a record into the buffer.
func (j *journal) Record(r engine.Record) {
	j.seq = r.Seq
	if j.state == off || j.state == broken {
		return
	}
	j.buffer.add(r)
	if n := len(j.buffer.bytes); n >= j.room {
		j.blocked.Store(true)
	}
	if j.state != running {
		return
	}
	if !j.writing {
		j.writing = true
		j.after(writeAfter, func() { j.flushIf(func() bool { j.writing = false; return len(j.buffer.records) > 0 }, false) })
	}
	if !j.unsynced && Policy(j.policy.Load()) == EverySecond {
		j.unsynced = true
		j.after(syncAfter, j.syncInTime)
	}
	if len(j.buffer.bytes) >= writeAt && j.turn == nil {
		j.take()
		go j.flush(false)
	}
}

// after calls f, unless the journal has ended by then. mu is held.
func (j *journal) after(d time.Duration, f func()) {
	j.clock.AfterFunc(d, func() {
		j.mu.Lock()
		ended := j.ended
		j.mu.Unlock()
		if !ended {
			f()
		}
	})
}

// Admit waits for room in the buffer, and for a sync that is late. When the log has
// failed it refuses.
func (j *journal) Admit(ctx context.Context) error {
	if !j.blocked.Load() {
		return nil
	}
	for {
		j.mu.Lock()
		wait, err := j.obstacle()
		j.mu.Unlock()
		if wait == nil {
			return err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// obstacle is what a writer has to wait for, or why it cannot go on at all. mu is held.
func (j *journal) obstacle() (wait <-chan struct{}, err error) {
	switch {
	case j.state == broken || j.state == mending:
		return nil, fmt.Errorf("%w: %w", engine.ErrDisk, j.err)
	case j.late == 0 && len(j.buffer.bytes) < j.room:
		j.blocked.Store(false)
		return nil, nil
	}
	return j.next(), nil
}

// next is closed when there is something new. mu is held.
func (j *journal) next() chan struct{} {
	if j.moved == nil {
		j.moved = make(chan struct{})
	}
	return j.moved
}

// move tells those who wait that they may look again. mu is held.
func (j *journal) move() {
	if j.moved != nil {
		close(j.moved)
		j.moved = nil
	}
}

// syncKey is the key of a context whose writes wait for the disk.
type syncKey struct{}

// WithSync marks ctx: a write with it returns when it is durable, whatever the policy.
func WithSync(ctx context.Context) context.Context { return context.WithValue(ctx, syncKey{}, true) }

// Settle waits until a mark is durable, if the policy or the context wants that.
func (j *journal) Settle(ctx context.Context, m engine.Mark) error {
	if j.durable.Load() >= m.Position {
		return nil
	}
	who := byPolicy
	if m.Wrote && ctx.Value(syncKey{}) != nil {
		who = asked
	}
	if Policy(j.policy.Load()) != Always && who != asked {
		return j.standing(m)
	}
	switch err := j.await(ctx, m.Position, who); {
	case err == nil || err == errFuture: // of a content that another has replaced
		return nil
	case m.Wrote:
		return fmt.Errorf("%w: %w", engine.ErrNotDurable, err)
	}
	return ctx.Err() // when the log has failed reads go on
}

// MustWait reports whether Settle, or Admit for the zero Mark, may have to wait.
func (j *journal) MustWait(m engine.Mark) bool {
	if m.Position == 0 {
		return j.blocked.Load()
	}
	return Policy(j.policy.Load()) == Always && j.durable.Load() < m.Position
}

// standing fails if a change that nobody waits for came too late for the log.
func (j *journal) standing(m engine.Mark) error {
	if !m.Wrote || !j.blocked.Load() {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if (j.state == broken || j.state == mending) && m.Position > j.written.Load() {
		return fmt.Errorf("%w: %w", engine.ErrNotDurable, j.err)
	}
	return nil
}

// errFuture is of a position that no record has.
var errFuture = errors.New("durable: no record has that position yet")

// waiting is why somebody waits for the disk.
type waiting uint8

const (
	byPolicy waiting = iota
	asked            // for this position
	steadily         // the same, also while the log has failed
)

// await waits until a position is durable. It fails if the log has, but for who waits
// steadily, or if ctx ends, or if there is no record of that position. While the log is
// being opened only those wait who have asked for it; once it is off nobody does.
func (j *journal) await(ctx context.Context, position int64, who waiting) error {
	for j.durable.Load() < position {
		j.mu.Lock()
		switch {
		case j.state == opening && who == byPolicy:
			j.mu.Unlock()
			return nil
		case j.state == off:
			defer j.mu.Unlock()
			return j.err
		case position > j.seq:
			j.mu.Unlock()
			return errFuture
		case j.state != running && j.state != opening && !j.patient && who != steadily:
			defer j.mu.Unlock()
			return j.err
		case j.state == running && j.turn == nil:
			j.take()
			j.mu.Unlock()
			j.flush(true)
			continue
		}
		turn := j.turn
		if j.state != running {
			turn = j.next()
		}
		j.mu.Unlock()
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
