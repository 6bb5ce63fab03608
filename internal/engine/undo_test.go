package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// smallLimits make collections outgrow their packed form soon.
var smallLimits = Limits{
	List: list.Limits{Size: 4},
	Set:  set.Limits{Intset: 4, Packed: 3, MaxSize: 12},
	ZSet: zset.Limits{Packed: 3, MaxSize: 12},
	Hash: hash.Limits{Packed: 3, MaxSize: 12},
}

// writer makes random changes, through every mutator.
type writer struct {
	*rand.Rand
	now int64
}

func (w writer) key() Key { return key("key%d", w.IntN(12)).In(w.IntN(2)) }

func (w writer) word() []byte {
	if w.IntN(20) == 0 {
		return make([]byte, w.IntN(200))
	}
	return fmt.Appendf(nil, "%[1]*[2]d", 1+w.IntN(2), w.IntN(14))
}

func (w writer) words(each int) (list [][]byte) {
	for range each * (1 + w.IntN(3)) {
		list = append(list, w.word())
	}
	return list
}

func (w writer) deadline() int64 {
	if w.IntN(2) == 0 {
		return 0
	}
	return w.now + 1 + w.Int64N(50)
}

// index decides on an index of the key's list, with room for some elements behind
// it; ok is false if there is no such list.
func (w writer) index(tx *Tx, k Key) (i, room int, ok bool) {
	e, err := tx.Peek(k)
	if err != nil || e == nil || e.Kind() != List {
		return 0, 0, false
	}
	i = w.IntN(e.List().Len())
	return i, e.List().Len() - i, true
}

// object makes a collection.
func (w writer) object(tx *Tx) (Kind, Object) {
	kind := List + Kind(w.IntN(4))
	parts := w.words([]int{1, 1, 2, 3}[kind-List])
	for i := range parts {
		if kind == ZSet && i%2 == 1 || kind == Hash && i%3 == 2 {
			parts[i] = make([]byte, 8)
			parts[i][7] = byte(w.IntN(3))
			if kind == Hash && w.IntN(2) == 0 {
				parts[i] = []byte{0, 0, 1, 0, 0, 0, 0, 0}
			}
		}
	}
	obj, err := tx.Assemble(kind, parts, int64(w.IntN(2)))
	if err != nil { // a word that is there twice
		return w.object(tx)
	}
	return kind, obj
}

// mutators are the ways to change something, one at a time.
var mutators = []func(w writer, tx *Tx, k Key) error{
	func(w writer, tx *Tx, k Key) error { return tx.PutString(k, w.word(), w.deadline()) },
	func(w writer, tx *Tx, k Key) error { return tx.PutText(k, w.word(), w.deadline()) },
	func(w writer, tx *Tx, k Key) error {
		_, err := tx.WriteString(k, w.IntN(30), w.word())
		return err
	},
	func(w writer, tx *Tx, k Key) error { _, err := tx.Delete(k); return err },
	func(w writer, tx *Tx, k Key) error { _, err := tx.SetDeadline(k, w.deadline()); return err },
	func(w writer, tx *Tx, k Key) error { _, err := tx.Rename(k, w.key()); return err },
	func(w writer, tx *Tx, k Key) error {
		kind, obj := w.object(tx)
		return tx.Replace(k, kind, obj, w.deadline())
	},
	func(w writer, tx *Tx, k Key) error {
		_, err := tx.ListPush(k, w.IntN(2) == 0, w.words(1)...)
		return err
	},
	func(w writer, tx *Tx, k Key) error {
		_, n, ok := w.index(tx, k)
		if !ok {
			return nil
		}
		_, err := tx.ListPop(k, w.IntN(2) == 0, int64(n))
		return err
	},
	func(w writer, tx *Tx, k Key) error {
		i, _, ok := w.index(tx, k)
		if !ok {
			return nil
		}
		return tx.ListSet(k, i, w.word())
	},
	func(w writer, tx *Tx, k Key) error {
		i, _, ok := w.index(tx, k)
		if !ok {
			return nil
		}
		_, err := tx.ListInsert(k, i, w.word())
		return err
	},
	func(w writer, tx *Tx, k Key) error { _, err := tx.ListRemove(k, w.IntN(5)-2, w.word()); return err },
	func(w writer, tx *Tx, k Key) error {
		i, room, ok := w.index(tx, k)
		if !ok {
			return nil
		}
		return tx.ListTrim(k, i, i+w.IntN(room+1)-1)
	},
	func(w writer, tx *Tx, k Key) error { _, err := tx.SetAdd(k, w.words(1)...); return err },
	func(w writer, tx *Tx, k Key) error { _, err := tx.SetRemove(k, w.words(1)...); return err },
	func(w writer, tx *Tx, k Key) error { return zput(tx, k, w.word(), float64(w.IntN(4))) },
	func(w writer, tx *Tx, k Key) error { _, err := tx.ZSetRemove(k, w.words(1)...); return err },
	func(w writer, tx *Tx, k Key) error {
		e, err := tx.Peek(k)
		if err != nil || e == nil || e.Kind() != ZSet {
			return err
		}
		first := w.IntN(e.ZSet().Len())
		return tx.ZSetRemoveRange(k, first, first+w.IntN(e.ZSet().Len()-first))
	},
	func(w writer, tx *Tx, k Key) error { _, err := tx.HashPut(k, w.words(2)...); return err },
	func(w writer, tx *Tx, k Key) error { _, err := tx.HashUpdate(k, w.words(2)...); return err },
	func(w writer, tx *Tx, k Key) error { _, err := tx.HashDelete(k, w.words(1)...); return err },
	func(w writer, tx *Tx, k Key) error {
		e, err := tx.Peek(k)
		if err != nil || e == nil || e.Kind() != Hash {
			return err
		}
		f, _ := e.Hash().At(dstest.Place(w.Rand, e.Hash()))
		return tx.HashDeadline(k, w.deadline(), f)
	},
	func(w writer, tx *Tx, k Key) error {
		e, err := tx.Peek(k)
		if err == nil && e != nil && e.Kind() == Hash {
			if _, err := tx.Live(e); err != nil {
				return err
			}
		}
		return err
	},
}

// whole are the rare ones that concern a whole database.
func (w writer) whole(tx *Tx) error {
	if w.IntN(2) == 0 {
		return tx.SwapDB(0, 1)
	}
	_, err := tx.FlushDB(w.IntN(2))
	return err
}

// mutate makes one change. A key of the wrong kind is no failure.
func (w writer) mutate(tx *Tx) (err error) {
	if w.IntN(60) == 0 {
		err = w.whole(tx)
	} else {
		err = mutators[w.IntN(len(mutators))](w, tx, w.key())
	}
	if errors.Is(err, ErrWrongType) {
		return nil
	}
	return err
}

// details is what Dump leaves out: how each value is kept.
func (e *Engine) details() map[string]string {
	tx := e.beginAll(false)
	defer tx.Commit()
	all := map[string]string{}
	for db := range 2 {
		for i := range e.stripes {
			if sp := e.stripes[i].space(db); sp != nil {
				for ent := range sp.keys.all() {
					all[ent.dump(db)] = fmt.Sprintf("%s due %d", ent.Encoding(), sp.dueAt(ent))
				}
			}
		}
	}
	return all
}

// TestRollback makes random changes under undo and rolls back: everything is as it
// was before, with its encoding and its deadlines.
func TestRollback(t *testing.T) {
	clock := newFakeClock()
	r := rand.New(rand.NewPCG(11, 11))
	e, log := newEngine(t, Options{Clock: clock, Stripes: 8}), new(tape)
	e.Configure(func(c *Config) { c.Limits = smallLimits })
	e.Attach(e.Tap(log.sink))
	for range 2000 {
		w := writer{r, clock.ms()}
		keep := r.IntN(2) == 0
		before, dump, records := e.details(), e.Dump(), len(log.records)
		tx := e.Begin(nil, true, true)
		for range 1 + r.IntN(12) {
			require.NoError(t, w.mutate(tx))
		}
		if keep {
			tx.Commit()
		} else {
			tx.Rollback()
			require.Equal(t, dump, e.Dump())
			require.Equal(t, before, e.details())
			require.Len(t, log.records, records, "nothing was published")
		}
		checkAccounts(t, e)
		if r.IntN(8) == 0 {
			clock.advance(7 * 1e6)
		}
	}
	checkReplay(t, e, log, clock)
}

func checkReplay(t *testing.T, e *Engine, log *tape, clock Clock) {
	for i, r := range log.records {
		require.EqualValues(t, i+1, r.Seq, "numbers are dense")
	}
	for _, replica := range []bool{false, true} {
		c := newEngine(t, Options{Clock: clock, Replica: replica})
		c.Configure(func(c *Config) { c.Limits = smallLimits })
		for i, r := range log.records {
			require.NoError(t, c.Apply(r), "record %d", i)
		}
		require.Equal(t, e.Dump(), c.Dump())
		require.Equal(t, e.details(), c.details())
		require.Equal(t, e.Position(), c.Position())
		checkAccounts(t, c)
	}
}

// TestUndoRecordsEndWithTheirTransaction: what one keeps, although it changes
// nothing, is not undone by the next.
func TestUndoRecordsEndWithTheirTransaction(t *testing.T) {
	e := newEngine(t, Options{})
	k := key("k")
	change(t, e, func(tx *Tx) error { _, err := tx.SetAdd(k, []byte("m")); return err })
	tx := e.Begin([]Key{k}, false, true)
	_, err := tx.SetAdd(k, []byte("m"))
	require.NoError(t, err)
	tx.Commit()
	require.EqualValues(t, 1, e.Position(), "nor has it a number")
	change(t, e, func(tx *Tx) error { _, err := tx.Delete(k); return err })
	tx = e.Begin([]Key{k}, false, true)
	tx.Rollback()
	require.Zero(t, e.Memory())
}

// TestRestartUndoes has a transaction fail to grow after a change.
func TestRestartUndoes(t *testing.T) {
	e := newEngine(t, Options{})
	high, low := keyIn(e, 40), keyIn(e, 3)
	other := e.BeginKey(low)
	tx := e.Begin([]Key{high}, false, true)
	require.NoError(t, tx.PutString(high, []byte("v"), 0))
	require.ErrorIs(t, tx.PutString(low, []byte("v"), 0), ErrRestart, "a lower stripe is only tried")
	again := make(chan *Tx)
	go func() { again <- tx.Restart() }()
	other.Commit()
	tx = <-again
	require.Zero(t, e.Len(0), "what was done is undone")
	require.NoError(t, tx.PutString(high, []byte("v"), 0))
	require.NoError(t, tx.PutString(low, []byte("v"), 0))
	tx.Commit()
	require.EqualValues(t, 2, e.Len(0))
	checkAccounts(t, e)
}

// keyIn finds a key that stands in a stripe.
func keyIn(e *Engine, stripe int) Key {
	for i := 0; ; i++ {
		if k := key("k%d", i); int(e.stripe(k.Hash).index) == stripe {
			return k
		}
	}
}

// TestNeedAllRestartsOnce: a transaction that needs the whole store and cannot have
// a stripe takes all at the next attempt.
func TestNeedAllRestartsOnce(t *testing.T) {
	e := newEngine(t, Options{})
	var others []*Tx
	for _, i := range []int{2, 5, 9} {
		others = append(others, e.BeginKey(keyIn(e, i)))
	}
	tx := e.BeginKey(keyIn(e, 20))
	require.ErrorIs(t, tx.NeedAll(), ErrRestart)
	again := make(chan *Tx)
	go func() { again <- tx.Restart() }()
	for _, o := range others {
		o.Commit()
	}
	tx = <-again
	require.True(t, tx.all)
	require.Len(t, tx.held, len(e.stripes))
	tx.Commit()
}

// TestBigTransactionsLeaveNoMemory: a stripe does not keep the buffers of a huge one.
func TestBigTransactionsLeaveNoMemory(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	e.Attach(e.Tap(func(Record) {}))
	k := key("k")
	tx := e.Begin([]Key{k}, false, true)
	require.NoError(t, tx.PutString(k, make([]byte, 10<<20), 0))
	for range 100_000 {
		_, err := tx.SetDeadline(k, 1<<50)
		require.NoError(t, err)
	}
	tx.Commit()
	require.Zero(t, cap(e.stripes[0].tx.log))
	require.Zero(t, cap(e.stripes[0].tx.undo))
}
