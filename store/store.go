// Package store is an in-memory key-value store with Redis's data types, in your
// own process.
//
//	s := store.New(store.Options{})
//	defer s.Close()
//	visits := types.NewCounter(s, "visits")
//	n, err := visits.Incr(ctx)
//
// A Store holds keys; package types has the handles through which values are
// read and written. Every method may be called from many goroutines.
//
// # Transactions
//
// Update runs a function as one transaction: it sees and changes several keys at
// once, nobody sees it half done, and an error or a panic undoes everything.
package store

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/feed"
	"github.com/residedb/reside/replicate"
)

// Options of a store. The zero value is useful: memory only, no memory limit.
type Options struct {
	// Databases is how many numbered databases there are, 16 if 0.
	Databases int
	// MaxMemory limits the accounted bytes of all keys, 0 for no limit. Room is made
	// before a call writes, and looked for again once it has its keys. So what stands
	// above the limit is less than 1 percent, and what is under way: one write, however
	// many wait, for each of the 64 parts that keys are locked by. With values that are
	// small beside the limit that is less than 2 percent. The
	// process takes up to 3 times as much, as the garbage collector's default
	// (GOGC=100) lets the heap double between collections; debug.SetMemoryLimit of
	// 1.5 times MaxMemory, and what the rest of the program needs, keeps it within 2
	// times, for some more work of the collector. (Redis: maxmemory)
	MaxMemory int64
	// Eviction says what happens when MaxMemory is reached.
	Eviction Policy
	// Clock replaces the system's clock, for tests.
	Clock Clock
	// Seed makes random picks repeatable; 0 draws a seed.
	Seed uint64
	// Follower makes the store one that another store's Replicate changes, and nobody
	// else: reads are served, writes fail with ErrReplica, until Promote. It hides keys
	// whose time has come, and leaves it to its primary to delete and to evict them.
	Follower bool
	// Backlog says how much is kept for the store's own followers, while there are some.
	Backlog replicate.Backlog
	// Durability says how a store that is opened with Open is kept.
	Durability Durability
}

// Policy says which keys are evicted when MaxMemory is reached.
type Policy = engine.Policy

// The policies (Redis: maxmemory-policy). Those by TinyLFU are no policies of Redis: what
// is evicted is remembered for a while, so that a key which comes back counts as used as
// often as before. They find more than every other policy where some keys are asked for
// more often than others, also when scans pass between, and take up to 8 bytes a key
// beside MaxMemory.
const (
	NoEviction      = engine.NoEviction
	AllKeysLRU      = engine.AllKeysLRU
	AllKeysLFU      = engine.AllKeysLFU
	AllKeysRandom   = engine.AllKeysRandom
	AllKeysTinyLFU  = engine.AllKeysTinyLFU
	VolatileLRU     = engine.VolatileLRU
	VolatileLFU     = engine.VolatileLFU
	VolatileRandom  = engine.VolatileRandom
	VolatileTTL     = engine.VolatileTTL
	VolatileTinyLFU = engine.VolatileTinyLFU
)

// Clock tells the time and calls back later.
type Clock = engine.Clock

// Timer is a pending call of a Clock.
type Timer = engine.Timer

// Store is a set of numbered databases. New makes one.
type Store struct {
	keyspace
	eng  *engine.Engine
	keep *kept           // nil for a store in memory only
	from *durable.Origin // of one that was opened as of the past
	feed *feed.Feed
	sink *feed.Sink
}

// newStore makes the store of an engine, which k keeps unless it is nil.
func newStore(e *engine.Engine, k *kept, b replicate.Backlog) *Store {
	s := &Store{keyspace: keyspace{command.Target{Engine: e}, 0}, eng: e, keep: k}
	history, known := replicate.NewHistory(), false
	if k != nil && replicate.IsHistory(k.History()) {
		history, known = k.History(), true
	}
	s.feed = feed.New(e, history, b)
	s.sink = feed.NewSink(e, k.keeperOrNil(), s.feed, known)
	return s
}

// New makes an empty store that is in memory only; Open one that is kept on disk. It
// starts no goroutine.
func New(o Options) *Store { return newStore(newEngine(o), nil, o.Backlog) }

// Close ends the store's background work. Calls after it fail with ErrClosed. What was
// written to a store that is kept on disk is there when Close returns nil: in the log, or
// in a last snapshot if there are rules for them. Closing twice is fine.
func (s *Store) Close() error {
	s.eng.Close()
	s.feed.Close()
	if s.keep == nil {
		return nil
	}
	return s.keep.close()
}

// Select returns the same store seen through another of its databases. It panics
// if there is no such database.
//
// Redis: SELECT
func (s *Store) Select(db int) *Store {
	mustExist(s.eng, db)
	other := *s
	other.db = db
	return &other
}

func mustExist(e *engine.Engine, db int) {
	if db < 0 || db >= e.Databases() {
		panic("store: no such database")
	}
}

// DB is where a handle works: a *Store, a *Tx or a *TxView.
type DB interface {
	target() (command.Target, int)
}

// Target is for the packages of Reside: how a handle reaches its engine, and the
// number of the database.
func Target(db DB) (command.Target, int) { return db.target() }

// Fork is for the packages of Reside: an independent store with a copy of all data, on
// the given clock, kept in the places of d, if it has any, which are empty; there is no
// log until it is switched on. Values are shared until they are changed. O(keys).
func Fork(s *Store, clock Clock, d Durability) (*Store, error) {
	e := s.eng.Fork(clock)
	if d.Snapshots == nil && d.Log == nil {
		return newStore(e, nil, replicate.Backlog{}), nil
	}
	d.NoLog = true // it would have to begin with a snapshot
	return open(context.Background(), e, Options{Durability: d}, nil)
}

// Engine is for the packages of Reside: what the store is made of.
func Engine(s *Store) *engine.Engine { return s.eng }
