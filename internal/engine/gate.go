package engine

import (
	"sync"
	"sync/atomic"
)

// gate is the lock of a stripe: a Mutex, beside which readers come in together while the
// gate is open.
//
//	shut  ▸ Mutex ▸ one at a time
//	open  ▸ count + 1 ▸ together ▸ count - 1       whoever locks shuts it
//
// It is opened where many readers wait for one another (type jam), and shut by whoever needs the stripe
// alone: that takes the Mutex, shuts the gate, and waits for those inside. So the lock of
// a stripe that nobody waits at costs as much as a Mutex and a look at open. A reader
// looks at open again when it has counted itself, and whoever shuts looks at the count
// afterwards: one of the two sees the other.
//
// The idea is that of BRAVO (Dice, Kogan: BRAVO - Biased Locking for Reader-Writer Locks,
// 2019), which keeps readers in a table, as many processors would wait for one count.
type gate struct {
	mu   sync.Mutex
	open atomic.Pointer[readers] // nil while it is shut; whoever holds mu changes it
}

// lock waits until the caller has the stripe alone. It returns those whom it has shut
// out; nil if nobody was in.
func (g *gate) lock() *readers {
	g.mu.Lock()
	if g.open.Load() == nil {
		return nil
	}
	return g.shut()
}

// tryLock is lock for a caller who may hold other stripes: it does not wait for another
// that has the stripe alone. Readers wait for nobody, so it does wait for them.
func (g *gate) tryLock() (out *readers, ok bool) {
	if !g.mu.TryLock() {
		return nil, false
	}
	if g.open.Load() == nil {
		return nil, true
	}
	return g.shut(), true
}

// shut keeps new readers out of the open gate and waits for those inside. The caller
// holds mu.
func (g *gate) shut() *readers {
	r := g.open.Load()
	g.open.Store(nil)
	r.wait()
	return r
}

// unlock gives the stripe to the next.
func (g *gate) unlock() { g.mu.Unlock() }

// unlockOpen gives the stripe to all readers at once, until somebody locks.
func (g *gate) unlockOpen() {
	g.open.Store(newReaders())
	g.mu.Unlock()
}

// waitToRead is for a reader who found that the stripe is not free: it waits until it is.
// Then it comes in if somebody has opened the gate meanwhile, or if that is worth it now;
// or else it has the stripe alone, and nil is returned. alone counts the lookups of those
// who had it so.
func (g *gate) waitToRead(j *jam, alone *stats) *readers {
	j.inside.Add(1)
	g.mu.Lock()
	if behind := j.inside.Add(-1); g.open.Load() == nil {
		if !j.waited(behind > 0, alone.hits+alone.misses) {
			return nil
		}
		g.open.Store(newReaders())
	}
	r := g.open.Load() // nobody shuts it, as that needs mu
	r.count.Add(came + 1)
	g.mu.Unlock()
	return r
}

// enter lets a reader in, who leaves by readers.leave; nil if the gate is shut, or is
// better shut.
func (g *gate) enter() *readers {
	if r := g.open.Load(); r != nil {
		return g.enterBy(r)
	}
	return nil
}

// enterBy is enter for a reader who has seen an opening, which may be over by now.
func (g *gate) enterBy(r *readers) *readers {
	n := r.count.Add(came + 1)
	if g.open.Load() == r && (n>>cameBits%look != 0 || !r.lonely(n)) {
		return r
	}
	r.out(g, came+1)
	return nil
}

// readers are those who come in through one opening of a gate. Each opening has its own,
// so that one who is late does not take the next for it.
type readers struct {
	count  atomic.Uint64 // how many came, and, in the lower bits, are inside
	hits   atomic.Int64  // of their lookups, without one for each who came
	misses atomic.Int64
	met    atomic.Int64 // of the readers who looked in this round, how many met others

	mu   sync.Mutex
	left sync.Cond // the last has left, and the gate is shut
	all  int64     // how many came; not those who come too late

	_ [64]byte // they share no cache line with others
}

const (
	cameBits  = 24 // how many can be inside
	came      = 1 << cameBits
	insideMax = came - 1
	most      = 1 << 30 // so many come at most, so that their count has room

	look  = 32        // of so many readers one looks whether others are inside
	round = 32 * look // after so many the gate is shut
	meets = 4         // unless so many of those who looked met others
)

func newReaders() *readers {
	r := new(readers)
	r.left.L = &r.mu
	return r
}

// lonely is asked by every 32nd reader. It reports whether the gate is better shut: at the
// end of a round in which few met others, as reading alone is a little faster without;
// or when as many came as can be counted.
func (r *readers) lonely(count uint64) bool {
	met := r.met.Load()
	if count&insideMax != 1 {
		met = r.met.Add(1)
	}
	n := count >> cameBits
	if n%round != 0 {
		return false
	}
	r.met.Add(-met)
	return met < meets || n >= most
}

// leave ends a reader's stay. It tells how many of its lookups were hits, and misses.
func (r *readers) leave(g *gate, hits, misses int64) {
	if hits != 1 {
		r.hits.Add(hits - 1)
	}
	if misses != 0 {
		r.misses.Add(misses)
	}
	r.out(g, 1)
}

// out takes a reader off the count: 1 for who was inside, and one more of those who came
// for who was not let in.
func (r *readers) out(g *gate, n uint64) {
	if r.count.Add(-n)&insideMax == 0 && g.open.Load() != r {
		r.mu.Lock()
		r.left.Signal()
		r.mu.Unlock()
	}
}

// patient is how often wait looks at the count before it sleeps: most readers leave soon.
const patient = 64

// wait returns when nobody is inside. The gate is shut.
func (r *readers) wait() {
	for range patient {
		if r.empty() {
			return
		}
	}
	r.mu.Lock()
	for !r.empty() {
		r.left.Wait()
	}
	r.mu.Unlock()
}

// empty reports whether nobody is inside; then it notes how many came.
func (r *readers) empty() bool {
	n := r.count.Load()
	r.all = int64(n >> cameBits)
	return n&insideMax == 0
}

// total is how many came, and what they found. Nobody is inside.
func (r *readers) total() (n, hits, misses int64) {
	return r.all, r.all + r.hits.Load(), r.misses.Load()
}

// jam tells when a gate is worth opening: when readers wait behind one another, or have to
// wait often; not when two of many keys meet in a stripe by chance. If few came in before
// it was shut the last time, it takes more of that.
type jam struct {
	inside   atomic.Int32 // readers that wait now
	crowds   uint8        // reasons to open the gate, since it was opened
	patience uint8        // how many of them open it
	waits    uint8        // of readers with nobody behind them, since
	since    int64        // so many lookups
}

const (
	fewWaits     = 8   // readers that had to wait are a reason
	fewLookups   = 256 // when no more looked something up meanwhile
	worthwhile   = 64  // readers through one opening
	mostPatience = 64
)

// waited notes that a reader had to wait, and whether others wait behind it, and reports
// whether the gate should be opened.
func (j *jam) waited(behind bool, lookups int64) bool {
	if !behind {
		if j.waits++; j.waits < fewWaits {
			return false
		}
		often := lookups-j.since <= fewLookups
		if j.waits, j.since = 0, lookups; !often {
			return false
		}
	}
	if j.crowds++; j.crowds < j.patience {
		return false
	}
	j.crowds = 0
	return true
}

// came notes how many came in while the gate was open.
func (j *jam) came(n int64) {
	if n >= worthwhile {
		j.patience = 0
	} else {
		j.patience = min(2*max(j.patience, 1), mostPatience)
	}
}
