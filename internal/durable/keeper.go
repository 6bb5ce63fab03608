package durable

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// Options of a keeper.
type Options struct {
	Snapshots persist.Snapshotter // nil for none
	Log       persist.Log         // nil for none
	LogOff    bool                // nothing is written to the log until it is switched on
	Policy    Policy              // when the log is synced
	Config    Config
	Room      int // bytes of records that may wait for the log, 32 MiB if 0

	// Progress is told now and then how far Open is.
	Progress func(Progress)
}

// Config is what can be changed while a keeper works. The one in use is never modified.
type Config struct {
	Rules []Rule // when snapshots are taken by themselves
	// A log that has grown by so many percent since it was last rewritten, and has so
	// many bytes, is rewritten; 0 percent is never.
	GrowthPercent int
	GrowthLeast   int64
	// GoOn says that a snapshot which fails, and was taken by a rule, does not refuse
	// writes until another has succeeded.
	GoOn bool
}

// Rule asks for a snapshot once so many changes were made since the last one, if that is
// so long ago.
type Rule struct {
	After   time.Duration
	Changes int64
}

// Progress says how far the opening of a store is.
type Progress struct {
	Phase string // "snapshot" or "log"
	Done  int64  // keys of the snapshot, or records of the log, so far
	Total int64  // keys of the snapshot; 0 where it is not known
}

// Errors of stores that are kept.
var (
	// ErrNotDurable: a change stands, but it is not known whether it will last.
	ErrNotDurable = engine.ErrNotDurable
	// ErrDisk: writes are refused since the disk has failed.
	ErrDisk = engine.ErrDisk
	// ErrSaving: another snapshot is being taken.
	ErrSaving = errors.New("reside: a snapshot is under way")
	// ErrTooLate: a snapshot is of a later point than the one asked for.
	ErrTooLate = errors.New("reside: the snapshot is too late")
	// ErrNoPlace: there is no place for snapshots, or no log.
	ErrNoPlace = errors.New("reside: the store has no place to save to")
)

// Keeper makes an engine last.
type Keeper struct {
	Dir string // where files are kept, "" if it is in no directory; set before others use it

	eng     *engine.Engine
	snaps   persist.Snapshotter
	log     persist.Log
	journal *journal
	history atomic.Pointer[string] // changed under the whole store
	config  atomic.Pointer[Config]
	found   Found

	turn   chan struct{} // holds a token while a snapshot is taken
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup // in the background

	unsaved atomic.Bool // Close is not to save
	mu      sync.Mutex
	closed  bool
	release func() // lets writers go on whom Finish holds, nil for none
	timers  map[engine.Timer]struct{}
	status  status
	watch   watch
	healer  bool // somebody looks after a log that has failed
}

// Found says what Open found.
type Found struct {
	Snapshot *persist.Snapshot // nil for none
	Log      persist.Recovery
}

// Open brings back what was kept, into an engine that is empty and nobody uses yet, and
// keeps it from now on. On error the engine is to be thrown away.
func Open(ctx context.Context, e *engine.Engine, o Options) (*Keeper, error) {
	k := &Keeper{
		eng: e, snaps: o.Snapshots, log: o.Log, journal: newJournal(e.Clock(), o.Room),
		turn: make(chan struct{}, 1), timers: map[engine.Timer]struct{}{},
	}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	k.setHistory("")
	k.config.Store(&o.Config)
	k.journal.policy.Store(uint32(o.Policy))
	k.journal.onFlush = k.flushed
	r := e.Recover()
	err := k.recover(ctx, r, o.Progress)
	if err == nil && k.log != nil && !o.LogOff {
		err = k.startLog()
	}
	err = errors.Join(err, r.End(func(tx *engine.Tx) {
		if k.LogOn() {
			tx.Attach(k.journal)
		}
	}))
	if err != nil {
		return nil, err
	}
	k.look()
	return k, nil
}

// startLog makes the log go on from where the engine is.
func (k *Keeper) startLog() error {
	if err := k.log.Begin(k.History(), k.status.opened); err != nil {
		return err
	}
	k.journal.start(k.log, k.History(), k.status.opened)
	return nil
}

// Found says what Open found.
func (k *Keeper) Found() Found { return k.found }

// Configure changes the configuration by a function on a copy of it.
func (k *Keeper) Configure(change func(*Config)) {
	k.mu.Lock()
	next := *k.config.Load()
	change(&next)
	k.config.Store(&next)
	k.mu.Unlock()
	if next.GoOn || len(next.Rules) == 0 {
		k.eng.Refuse(nil)
	}
	k.background(func(context.Context) { k.look() }) // the caller may hold the store
}

// Config is the configuration in use.
func (k *Keeper) Config() Config { return *k.config.Load() }

// Policy says when the log is synced.
func (k *Keeper) Policy() Policy { return Policy(k.journal.policy.Load()) }

// SetPolicy changes when the log is synced.
func (k *Keeper) SetPolicy(p Policy) { k.journal.policy.Store(uint32(p)) }

// WaitDurable waits until a position is on disk. Without a log it fails with ErrNoPlace.
func (k *Keeper) WaitDurable(ctx context.Context, position int64) error {
	if !k.LogOn() {
		return ErrNoPlace
	}
	return k.journal.await(ctx, position, asked)
}

// AwaitDurable is WaitDurable that waits on while the log has failed, until it is well.
func (k *Keeper) AwaitDurable(ctx context.Context, position int64) error {
	if !k.LogOn() {
		return ErrNoPlace
	}
	return k.journal.await(ctx, position, steadily)
}

// Close ends the background work, and makes durable what the log has not yet; without a
// log it takes a last snapshot if there are rules for them and something has changed.
// The engine takes no calls any more.
func (k *Keeper) Close() error {
	k.stop()
	k.work.Wait()
	if !k.LogOn() {
		return k.saveAtEnd()
	}
	k.eng.Attach(nil)
	log, err := k.journal.stop()
	return errors.Join(err, log.Close())
}

// stop lets no work begin any more, and ends what is under way.
func (k *Keeper) stop() {
	k.cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.release != nil {
		k.release() // they find the engine closed
		k.release = nil
	}
	for t := range k.timers {
		t.Stop()
	}
	clear(k.timers)
	if k.watch.timer != nil {
		k.watch.timer.Stop()
	}
	k.eng.OnChange(nil)
	k.journal.end()
}

func (k *Keeper) saveAtEnd() error {
	var err error
	if k.snaps != nil && !k.unsaved.Load() && len(k.Config().Rules) > 0 && k.Status().Changes > 0 {
		err = k.save(context.Background(), hurried, byHand)
	}
	if k.log != nil {
		err = errors.Join(err, k.log.Close())
	}
	return err
}

// background runs f in a goroutine of its own, unless the keeper is closed.
func (k *Keeper) background(f func(ctx context.Context)) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	k.work.Go(func() { f(k.ctx) })
	return true
}

// later runs f in a goroutine of its own once d has passed, unless the keeper is closed
// by then.
func (k *Keeper) later(d time.Duration, f func(ctx context.Context)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return
	}
	var t engine.Timer
	t = k.eng.Clock().AfterFunc(d, func() {
		k.mu.Lock()
		delete(k.timers, t)
		k.mu.Unlock()
		k.background(f)
	})
	k.timers[t] = struct{}{}
}
