package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// bank is accounts on many stripes: packed strings, long strings, and fields of hashes,
// which have one of two names at a time.
type bank struct{ e *Engine }

const (
	bankEach   = 24  // accounts of each kind of string, and hashes
	bankFields = 10  // of each hash, which is a table
	bankStart  = 100 // in every account
	bankKeys   = 3 * bankEach
	bankTotal  = (2*bankEach + bankEach*bankFields) * bankStart
)

// account is one of the bank.
type account struct{ kind, i, field int }

func (b *bank) draw(r *rand.Rand) account {
	return account{r.IntN(3), r.IntN(bankEach), r.IntN(bankFields)}
}

// names are those that the account's key may have.
func (a account) names() []Key {
	switch a.kind {
	case 0:
		return []Key{key("packed:%d", a.i)}
	case 1:
		return []Key{key("long:%d", a.i)}
	}
	return []Key{key("hash:%d:a", a.i), key("hash:%d:b", a.i)}
}

// key is the name that the key has.
func (a account) key(tx *Tx) Key {
	names := a.names()
	for _, k := range names {
		if e, err := tx.Peek(k); err == nil && e != nil {
			return k
		}
	}
	return names[0]
}

// add changes what is in the account.
func (b *bank) add(tx *Tx, a account, n int) (err error) {
	k := a.key(tx)
	e, _ := tx.Peek(k)
	have := 0
	field := number(a.field)
	switch {
	case e == nil:
	case a.kind == 2:
		v, _ := e.Hash().Get(field)
		have, _ = strconv.Atoi(string(v))
	default:
		have, _ = strconv.Atoi(string(e.Bytes()[:9]))
	}
	v := fmt.Appendf(nil, "%09d", have+n)
	switch {
	case a.kind == 2:
		_, err = tx.HashPut(k, field, v)
	case a.kind == 1 && e == nil:
		err = tx.PutString(k, append(v, make([]byte, 2*maxPackedValue)...), 0)
	case a.kind == 1:
		_, err = tx.WriteString(k, 0, v)
	default:
		err = tx.PutString(k, v, 0)
	}
	return err
}

// move moves an amount, and gives hashes their other name now and then.
func (b *bank) move(r *rand.Rand) error {
	from, to := b.draw(r), b.draw(r)
	tx := b.e.Begin(append(from.names(), to.names()...), false, r.IntN(2) == 0)
	end := tx.Commit
	if tx.keepUndo && r.IntN(4) == 0 {
		end = tx.Rollback
	}
	defer func() { end() }()
	n := r.IntN(20)
	err := errors.Join(b.add(tx, from, -n), b.add(tx, to, n))
	if names := to.names(); len(names) == 2 && r.IntN(2) == 0 {
		src := to.key(tx)
		dst := names[0]
		if string(src.B) == string(dst.B) {
			dst = names[1]
		}
		_, rerr := tx.Rename(src, dst)
		err = errors.Join(err, rerr)
	}
	return err
}

// audit adds up what a part of a cut has.
type audit struct {
	kind        Kind
	keys, total int
}

func (a *audit) Key(i Item) error {
	a.kind = i.Kind
	a.keys++
	return nil
}

func (a *audit) Element(parts ...[]byte) error {
	v := parts[0]
	if a.kind == Hash {
		v = parts[1]
	}
	n, err := strconv.Atoi(string(v[:9]))
	a.total += n
	return err
}

// TestTheTotalOfACutIsRight moves amounts between accounts on many stripes while cuts are
// visited, by one goroutine or by one for each part: no cut has half of a transaction.
func TestTheTotalOfACutIsRight(t *testing.T) {
	const cuts, movers = 200, 2
	e := newEngine(t, Options{Stripes: 4})
	e.Configure(func(c *Config) { c.Limits.Hash.Packed = 4 })
	b := &bank{e}
	change(t, e, func(tx *Tx) error {
		var err error
		for i := range bankEach {
			err = errors.Join(err, b.add(tx, account{0, i, 0}, bankStart), b.add(tx, account{1, i, 0}, bankStart))
			for f := range bankFields {
				err = errors.Join(err, b.add(tx, account{2, i, f}, bankStart))
			}
		}
		return err
	})
	var wg sync.WaitGroup
	var over atomic.Bool
	var moved atomic.Int64
	for i := range movers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 31))
			for ; !over.Load(); moved.Add(1) {
				if err := b.move(r); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	defer wg.Wait()
	defer over.Store(true)
	last := int64(0)
	for i := range cuts {
		for before := moved.Load(); moved.Load() < before+5 && !t.Failed(); {
			runtime.Gosched() // no cut is as the one before
		}
		c, err := e.Cut()
		require.NoError(t, err)
		require.EqualValues(t, bankKeys, c.Keys)
		require.GreaterOrEqual(t, c.Position, last)
		last = c.Position
		parts := make([]audit, c.Parts())
		if i%2 == 0 {
			require.NoError(t, c.Visit(t.Context(), &parts[0]))
		} else {
			var visits sync.WaitGroup
			for p := range parts {
				visits.Go(func() {
					if err := c.VisitPart(t.Context(), p, &parts[p]); err != nil {
						t.Error(err)
					}
				})
			}
			visits.Wait()
		}
		c.Close()
		keys, total := 0, 0
		for _, p := range parts {
			keys, total = keys+p.keys, total+p.total
		}
		require.Equal(t, bankKeys, keys, "cut %d", i)
		require.Equal(t, bankTotal, total, "cut %d", i)
	}
	over.Store(true)
	wg.Wait()
	checkAccounts(t, e)
	requireNoVisit(t, e)
}

// TestWritesAllocateNothingForCuts changes keys that are there while no cut is open,
// before the first one and after one.
func TestWritesAllocateNothingForCuts(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	e.Configure(func(c *Config) { c.Limits.Hash.Packed = 4 })
	text, long, few, table, list := key("text"), key("long"), key("few"), key("table"), key("list")
	value, big := []byte("a value"), make([]byte, 4*maxPackedValue)
	fields := numbers(0, 20)
	pair := [][]byte{fields[3], value}
	one := [][]byte{value}
	within := func(k Key, f func(tx *Tx) error) {
		tx := e.BeginKey(k)
		err := f(tx)
		tx.Commit()
		if err != nil {
			t.Error(err)
		}
	}
	change(t, e, func(tx *Tx) error {
		_, err := tx.HashPut(table, double(fields)...)
		return err
	})
	writes := []struct {
		name string
		f    func()
	}{
		{"SET", func() { within(text, func(tx *Tx) error { return tx.PutString(text, value, 0) }) }},
		{"SET of a long one", func() { within(long, func(tx *Tx) error { return tx.PutString(long, big, 0) }) }},
		{"SETRANGE", func() { within(long, func(tx *Tx) error { _, err := tx.WriteString(long, 5, value); return err }) }},
		{"HSET, packed", func() { within(few, func(tx *Tx) error { _, err := tx.HashPut(few, pair...); return err }) }},
		{"HSET, table", func() { within(table, func(tx *Tx) error { _, err := tx.HashPut(table, pair...); return err }) }},
		{"RPUSH, LPOP", func() {
			within(list, func(tx *Tx) error { _, err := tx.ListPush(list, true, one...); return err })
			within(list, func(tx *Tx) error { _, err := tx.ListPop(list, false, 1); return err })
		}},
	}
	within(list, func(tx *Tx) error { _, err := tx.ListPush(list, true, numbers(0, 10)...); return err })
	for _, when := range []string{"before a cut", "after a cut"} {
		for _, w := range writes {
			for range 1000 {
				w.f() // whatever a cut shared is the writer's own again
			}
			require.Zero(t, testing.AllocsPerRun(1000, w.f), "%s %s", w.name, when)
		}
		c, err := e.Cut()
		require.NoError(t, err)
		require.NoError(t, c.Visit(t.Context(), new(tally)))
		c.Close()
	}
}
