package engine

import (
	"context"
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Options of an engine. The zero value is useful.
type Options struct {
	Stripes   int    // a power of two; 64 if 0
	Databases int    // 16 if 0
	Clock     Clock  // SystemClock if nil
	Seed      uint64 // of random picks; 0 draws one
	Replica   bool   // never expires or evicts by itself: expired keys are hidden until the primary's effect comes
}

// Engine is a set of databases. Its methods may be called from many goroutines.
type Engine struct {
	stripes []stripe
	shift   uint // hash >> shift is the stripe's index
	clock   Clock
	counts  []atomic.Int64 // keys by database
	replica atomic.Bool    // see Options
	seed    uint64
	closed  atomic.Bool
	done    chan struct{} // closed by Close

	config atomic.Pointer[Config]

	journal  journal
	onChange atomic.Pointer[func()]        // see OnChange
	refusal  atomic.Pointer[error]         // see Refuse
	holding  atomic.Pointer[chan struct{}] // see Hold
	holder   sync.Mutex                    // of whoever holds writers
	timer    expiryTimer

	tracking tracking

	readers sync.Pool    // of *sharer
	randoms atomic.Int64 // sources of random numbers that readers have

	waiting  atomic.Int64         // parked waiters
	ears     atomic.Pointer[ears] // who hears of events
	configMu sync.Mutex           // of changes to config and ears
	evictor  evictor
	cutState

	_      [64]byte     // what every write changes stands in a cache line of its own
	memory atomic.Int64 // bytes of all entries
	_      [64]byte
}

// New makes an empty engine. It starts no goroutine and no timer.
func New(o Options) *Engine {
	if o.Stripes == 0 {
		o.Stripes = 64
	}
	if o.Databases == 0 {
		o.Databases = 16
	}
	if o.Clock == nil {
		o.Clock = SystemClock{}
	}
	e := &Engine{
		stripes: make([]stripe, o.Stripes),
		shift:   uint(64 - bits.TrailingZeros(uint(o.Stripes))),
		clock:   o.Clock,
		counts:  make([]atomic.Int64, o.Databases),
		seed:    o.Seed,
		done:    make(chan struct{}),
	}
	e.replica.Store(o.Replica)
	e.cutting = make(chan struct{}, 1)
	e.config.Store(DefaultConfig())
	e.timer.init(e)
	for i := range e.stripes {
		s := &e.stripes[i]
		s.index, s.eng, s.tx.eng = int32(i), e, e
	}
	return e
}

// Close stops the background work and waits for it. Data stays readable;
// Closed reports true from now on.
func (e *Engine) Close() {
	if !e.closed.Swap(true) {
		close(e.done)
	}
	e.timer.stop()
}

// Done is closed by Close, for those who wait for something else.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Closed reports whether Close was called.
func (e *Engine) Closed() bool { return e.closed.Load() }

// Databases is how many databases there are.
func (e *Engine) Databases() int { return len(e.counts) }

// Len is how many keys a database has, expired ones that are still there
// included. O(1).
func (e *Engine) Len(db int) int64 { return e.counts[db].Load() }

// Now is the clock's time in unix milliseconds.
func (e *Engine) Now() int64 { return e.clock.Now().UnixMilli() }

// Clock is the clock that the engine was made with.
func (e *Engine) Clock() Clock { return e.clock }

func (e *Engine) stripe(hash uint64) *stripe { return &e.stripes[hash>>e.shift] }

// Memory is how many bytes all entries are accounted for. O(1).
func (e *Engine) Memory() int64 { return e.memory.Load() }

// inTxKey marks the context handed to the function of an Update.
type inTxKey struct{ e *Engine }

// WithTx marks ctx as belonging to a transaction on e, so that a call which
// would wait for that transaction fails with ErrInTx.
func (e *Engine) WithTx(ctx context.Context) context.Context {
	return context.WithValue(ctx, inTxKey{e}, true)
}

// InTx reports whether ctx was made by WithTx.
func (e *Engine) InTx(ctx context.Context) bool {
	return ctx != nil && ctx.Value(inTxKey{e}) != nil
}

// newRand seeds a source of random numbers, a different one for each use: that of
// stripe i, or of the evictor.
func (e *Engine) newRand(use int) *rand.Rand {
	seed := e.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	return rand.New(rand.NewPCG(seed, uint64(use)))
}
