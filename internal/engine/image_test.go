package engine

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/zset"
)

// bigKinds are collections too large to be copied, with a way to write all over them.
var bigKinds = []struct {
	name  string
	fill  func(tx *Tx, k Key, from, to int) error
	write func(tx *Tx, k Key, i int) error // element i of them, and one that is new
	clear func(tx *Tx, k Key, i int) error // remove element i, or one like it
}{
	{
		"hash",
		func(tx *Tx, k Key, from, to int) error {
			_, err := tx.HashPut(k, double(numbers(from, to))...)
			return err
		},
		func(tx *Tx, k Key, i int) error {
			_, err := tx.HashPut(k, number(i), []byte("new"), number(-i-1), []byte("new"))
			return err
		},
		func(tx *Tx, k Key, i int) error { _, err := tx.HashDelete(k, number(i)); return err },
	}, {
		"set",
		func(tx *Tx, k Key, from, to int) error { _, err := tx.SetAdd(k, numbers(from, to)...); return err },
		func(tx *Tx, k Key, i int) error { _, err := tx.SetAdd(k, number(-i-1)); return err },
		func(tx *Tx, k Key, i int) error { _, err := tx.SetRemove(k, number(i)); return err },
	}, {
		"zset",
		func(tx *Tx, k Key, from, to int) error { return zfill(tx, k, 1, numbers(from, to)) },
		func(tx *Tx, k Key, i int) error { return zfill(tx, k, float64(i), [][]byte{number(i), number(-i - 1)}) },
		func(tx *Tx, k Key, i int) error { _, err := tx.ZSetRemove(k, number(i)); return err },
	}, {
		"list",
		func(tx *Tx, k Key, from, to int) error {
			_, err := tx.ListPush(k, true, numbers(from, to)...)
			return err
		},
		func(tx *Tx, k Key, i int) error {
			if err := tx.ListSet(k, i, []byte("new")); err != nil {
				return err
			}
			_, err := tx.ListPush(k, i%2 == 0, []byte("new"))
			return err
		},
		func(tx *Tx, k Key, i int) error { _, err := tx.ListPop(k, i%2 == 0, 1); return err },
	},
}

func number(i int) []byte { return fmt.Appendf(nil, "element:%d", i) }

func numbers(from, to int) (list [][]byte) {
	for ; from < to; from++ {
		list = append(list, number(from))
	}
	return list
}

func double(list [][]byte) (pairs [][]byte) {
	for _, b := range list {
		pairs = append(pairs, b, b)
	}
	return pairs
}

func zfill(tx *Tx, k Key, score float64, members [][]byte) error {
	return tx.ZSetPut(k, func(*zset.ZSet) ([]byte, float64, bool) {
		if len(members) == 0 {
			return nil, 0, false
		}
		m := members[0]
		members = members[1:]
		return m, score, true
	})
}

// fill makes a collection of n elements.
func fill(t testing.TB, e *Engine, kind int, k Key, n int) {
	for from := 0; from < n; from += 1000 {
		change(t, e, func(tx *Tx) error { return bigKinds[kind].fill(tx, k, from, min(from+1000, n)) })
	}
}

// counted is a visitor that knows the elements of bigKinds.
type counted struct {
	t    *testing.T
	got  map[string]map[string]bool
	name string
}

func (c *counted) Key(i Item) error {
	c.name = string(i.Key)
	require.NotContains(c.t, c.got, c.name)
	c.got[c.name] = map[string]bool{}
	return nil
}

func (c *counted) Element(parts ...[]byte) error {
	for _, p := range parts {
		if bytes.Equal(p, []byte("new")) || bytes.HasPrefix(p, []byte("element:-")) {
			return fmt.Errorf("%s: %q was written after the cut", c.name, p)
		}
	}
	c.got[c.name][string(parts[0])] = true
	return nil
}

// TestBigCollectionsAreWrittenWhileACutIsVisited writes all over collections, removes
// what they had, renames and deletes them, while a cut is visited.
func TestBigCollectionsAreWrittenWhileACutIsVisited(t *testing.T) {
	const n = 200_000
	e := newEngine(t, Options{Stripes: 8})
	for i, kind := range bigKinds {
		fill(t, e, i, key("%s", kind.name), n)
		fill(t, e, i, key("%s to delete", kind.name), n/10)
	}
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	var wg sync.WaitGroup
	var over atomic.Bool
	var written atomic.Int64
	for i, kind := range bigKinds {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 0))
			k, at := key("%s", kind.name), 0
			for ; !over.Load() || at < n/10; at++ {
				tx := e.BeginKey(k)
				err := kind.write(tx, k, r.IntN(n/2))
				if at%2 == 0 && at < n/2 && err == nil {
					err = kind.clear(tx, k, r.IntN(n))
				}
				tx.Commit()
				if err == nil && at%8000 == 1000 {
					to := key("%s %d", kind.name, at)
					err = e.rename(k, to)
					k = to
				}
				if err == nil && at == 500 {
					err = e.delete(key("%s to delete", kind.name))
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
			written.Add(int64(at))
		})
	}
	got := &counted{t: t, got: map[string]map[string]bool{}}
	err = c.Visit(t.Context(), got)
	over.Store(true)
	wg.Wait()
	require.NoError(t, err)
	require.Greater(t, written.Load(), int64(n/4))
	for name, n := range map[string]int{"": n, " to delete": n / 10} {
		want := map[string]bool{}
		for _, b := range numbers(0, n) {
			want[string(b)] = true
		}
		for _, kind := range bigKinds {
			require.True(t, maps.Equal(want, got.got[kind.name+name]), kind.name+name)
		}
	}
	checkAccounts(t, e)
}

func (e *Engine) rename(k, to Key) error {
	tx := e.Begin([]Key{k, to}, false, false)
	defer tx.Commit()
	_, err := tx.Rename(k, to)
	return err
}

func (e *Engine) delete(k Key) error {
	tx := e.BeginKey(k)
	defer tx.Commit()
	_, err := tx.Delete(k)
	return err
}

// TestALockIsHeldForAFewEntries looks at what each step of a visit reads, which is done
// under one lock.
func TestALockIsHeldForAFewEntries(t *testing.T) {
	const small = 60
	e := newEngine(t, Options{Stripes: 2})
	for i, kind := range bigKinds {
		fill(t, e, i, key("%s", kind.name), 20_000)
		for j := range 400 {
			fill(t, e, i, key("%s %d", kind.name, j), small)
		}
	}
	for i := range 10_000 {
		change(t, e, func(tx *Tx) error { return tx.PutString(key("%d", i), number(i), 0) })
	}
	change(t, e, func(tx *Tx) error { return tx.PutString(key("long"), make([]byte, 10<<20), 0) })
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	var all tally
	for _, p := range c.parts {
		for more := true; more; {
			was, before := all, len(p.images)
			more, err = p.step(&all)
			require.NoError(t, err)
			require.LessOrEqual(t, all.bytes-was.bytes, stringPage)
			if all.kind != List { // a block of a list is small, but has many
				require.LessOrEqual(t, all.elements-was.elements, max(holdEntries, small))
			}
			copied := 0
			for _, img := range p.images[min(before, len(p.images)):] {
				copied += img.size
			}
			require.LessOrEqual(t, copied, 2*holdBytes)
			require.LessOrEqual(t, len(p.images)-before, holdEntries)
		}
	}
	require.Equal(t, 4*20_000+4*400*small+10_000+10<<20/stringPage, all.elements)
}

// tally is a visitor that counts.
type tally struct {
	kind            Kind
	elements, bytes int
}

func (c *tally) Key(i Item) error {
	c.kind = i.Kind
	return nil
}

func (c *tally) Element(parts ...[]byte) error {
	c.elements++
	for _, p := range parts {
		c.bytes += len(p)
	}
	return nil
}

// TestAWriterCopiesOneElement changes collections that stand in a cut which nobody
// reads yet: what is saved at a time is as long as an element, however big they are.
func TestAWriterCopiesOneElement(t *testing.T) {
	const n = 100_000
	for i, kind := range bigKinds[:3] {
		t.Run(kind.name, func(t *testing.T) {
			e := newEngine(t, Options{Stripes: 1})
			k := key("k")
			fill(t, e, i, k, n)
			c, err := e.Cut()
			require.NoError(t, err)
			defer c.Close()
			most, before := uint64(0), allocated()
			for i := range 2000 {
				was := allocated()
				change(t, e, func(tx *Tx) error { return kind.write(tx, k, i*31%n) })
				most = max(most, allocated()-was)
			}
			require.Less(t, most, uint64(200<<10), "with the growth of tables and heaps")
			require.Less(t, (allocated()-before)/2000, uint64(4<<10), "on the average")
		})
	}
}

// allocated is how many bytes were allocated ever.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestALongStringIsCopiedByThePage edits a string in place while a cut has it.
func TestALongStringIsCopiedByThePage(t *testing.T) {
	e := newEngine(t, Options{})
	k, was := key("k"), bytes.Repeat([]byte("was "), 8<<20/4)
	change(t, e, func(tx *Tx) error { return tx.PutString(k, was, 0) })
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	change(t, e, func(tx *Tx) error { _, err := tx.WriteString(k, stringPage-1, []byte("is")); return err })
	change(t, e, func(tx *Tx) error { _, err := tx.WriteString(k, len(was)-1, []byte("longer")); return err })
	ent, _ := e.BeginKey(k).Peek(k)
	img := ent.box().image
	kept := len(img.value.(*stringReader).kept)
	e.stripe(k.Hash).tx.Commit()
	require.Equal(t, 3, kept, "pages")
	change(t, e, func(tx *Tx) error { return tx.PutString(k, []byte("short"), 0) })
	change(t, e, func(tx *Tx) error { _, err := tx.WriteString(k, 0, []byte("S")); return err })
	got := &joined{}
	require.NoError(t, c.Visit(context.Background(), got))
	require.True(t, bytes.Equal(was, got.b))
}

// TestALongStringIsReplaced gives a string another value that would fit its memory.
func TestALongStringIsReplaced(t *testing.T) {
	e := newEngine(t, Options{})
	k, was := key("k"), bytes.Repeat([]byte("was "), 1000)
	change(t, e, func(tx *Tx) error { return tx.PutString(k, was, 0) })
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	change(t, e, func(tx *Tx) error { return tx.PutString(k, make([]byte, len(was)), 0) })
	got := &joined{}
	require.NoError(t, c.Visit(t.Context(), got))
	require.True(t, bytes.Equal(was, got.b))
}

// TestAForkOfWhatIsVisited writes to a fork while the engine's cut is visited, and takes a
// cut of the fork: under the race detector, what they share is only read.
func TestAForkOfWhatIsVisited(t *testing.T) {
	const n = 5000
	e := newEngine(t, Options{Stripes: 1})
	k := key("k")
	fill(t, e, 0, k, n)
	was := e.everything()
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	change(t, e, func(tx *Tx) error { return bigKinds[0].write(tx, k, 1) }) // the hash is visited from now on
	f := e.Fork(SystemClock{})
	t.Cleanup(f.Close)
	now, fork := f.everything(), new(content)
	var wg sync.WaitGroup
	wg.Go(func() {
		own, err := f.Cut()
		if err == nil {
			err = own.Visit(t.Context(), fork)
			own.Close()
		}
		for i := 0; i < n && err == nil; i++ {
			tx := f.BeginKey(k)
			err = bigKinds[0].write(tx, k, i)
			tx.Commit()
		}
		if err != nil {
			t.Error(err)
		}
	})
	got := new(content)
	require.NoError(t, c.Visit(t.Context(), got))
	wg.Wait()
	require.Equal(t, was, got.String())
	require.Equal(t, now, fork.String())
}

// joined is a visitor of one string.
type joined struct{ b []byte }

func (j *joined) Key(Item) error { return nil }
func (j *joined) Element(parts ...[]byte) error {
	j.b = append(j.b, parts[0]...)
	return nil
}
