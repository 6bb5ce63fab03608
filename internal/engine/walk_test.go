package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

func TestRandomEntryIsUniform(t *testing.T) {
	e := newEngine(t, Options{Seed: 7})
	const n = 300
	for i := range n {
		put(t, e, string(key("k%d", i).B))
	}
	counts := map[string]int{}
	tx := e.Begin(nil, true, false)
	defer tx.Commit()
	for range 100 * n {
		ent, err := tx.RandomEntry(0)
		require.NoError(t, err)
		counts[string(ent.Key())]++
	}
	dstest.Uniform(t, counts, n)
}

// TestScanGuarantee scans while keys come and go and stripes grow and shrink: what
// stays is returned, and nothing that was never there.
func TestScanGuarantee(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 0))
		e := newEngine(t, Options{Stripes: 4})
		stay := map[string]bool{}
		for i := range 200 {
			name := string(key("stay%d", i).B)
			stay[name] = true
			put(t, e, name)
		}
		size, goal := 0, 0
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			tx := e.Begin(nil, false, false)
			next, err := tx.Scan(0, cursor, func(ent *Entry) { delete(stay, string(ent.Key())) })
			tx.Commit()
			require.NoError(t, err)
			cursor = next
			if r.IntN(8) == 0 {
				goal = r.IntN(2000)
			}
			size = resize(t, e, size, goal, 60)
		}
		require.Empty(t, stay, "seed %d", seed)
	}
}

// resize adds or removes passing keys, at most the given number.
func resize(t testing.TB, e *Engine, size, goal, most int) int {
	change(t, e, func(tx *Tx) (err error) {
		for ; most > 0 && size != goal && err == nil; most-- {
			if size < goal {
				err = tx.PutString(key("pass%d", size), nil, 0)
				size++
			} else {
				size--
				_, err = tx.Delete(key("pass%d", size))
			}
		}
		return err
	})
	return size
}

func TestScanHidesExpiredKeys(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock, Replica: true})
	put(t, e, "a")
	putUntil(t, e, "b", clock.ms()-1)
	var seen []string
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		tx := e.Begin(nil, false, false)
		cursor, _ = tx.Scan(0, cursor, func(ent *Entry) { seen = append(seen, string(ent.Key())) })
		tx.Commit()
	}
	require.Equal(t, []string{"a"}, seen)
}
