package engine

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/zset"
)

// register is a key of some kind, whose elements are all its number of the last write.
// It has one writer, so a reader knows between which writes it has read.
type register struct {
	key         Key
	kind        Kind
	begun, done atomic.Int64
}

const registerParts = 5

// write gives the register its next number, in one transaction.
func (g *register) write(e *Engine, now int64) error {
	n := g.begun.Add(1)
	b := strconv.AppendInt(nil, n, 10)
	tx := e.BeginKey(g.key)
	defer g.done.Store(n)
	defer tx.Commit()
	if g.kind == String {
		return tx.PutString(g.key, b, now+n%3) // due soon, or never seen
	}
	if _, err := tx.Delete(g.key); err != nil {
		return err
	}
	for i := range registerParts {
		part := append(strconv.AppendInt(nil, int64(i), 10), '.')
		if err := g.add(tx, append(part, b...), b); err != nil {
			return err
		}
	}
	if g.kind == Hash && n%2 == 0 {
		return tx.HashDeadline(g.key, now+n%3, append([]byte("0."), b...))
	}
	return nil
}

func (g *register) add(tx *Tx, part, number []byte) (err error) {
	switch g.kind {
	case List:
		_, err = tx.ListPush(g.key, true, number)
	case Set:
		_, err = tx.SetAdd(g.key, part)
	case ZSet:
		score, _ := strconv.ParseFloat(string(number), 64)
		err = zput(tx, g.key, part, score)
	case Hash:
		_, err = tx.HashPut(g.key, part, number)
	}
	return err
}

// read returns the number and how many parts have it; 0 for no key.
func (g *register) read(tx *Tx) (number int64, parts int, err error) {
	ent, err := tx.FindAs(g.key, g.kind)
	if ent == nil || err != nil {
		return 0, 0, err
	}
	see := func(b []byte) bool {
		n, _ := strconv.ParseInt(string(b), 10, 64)
		if number == 0 {
			number = n
		}
		if n == number {
			parts++
		}
		return true
	}
	switch g.kind {
	case String:
		see(ent.Bytes())
	case List:
		ent.List().Each(0, true, see)
	case Set:
		ent.Set().Each(func(m []byte) bool { return see(m[2:]) })
	case ZSet:
		ent.ZSet().Each(0, true, func(m zset.Entry) bool { return see(m.Member[2:]) })
	case Hash:
		h, err := tx.Live(ent)
		if err != nil || h == nil {
			return 0, 0, err
		}
		h.Each(func(_, v []byte) bool { return see(v) })
	}
	return number, parts, nil
}

// check reads the register beside others and holds what it sees to what was written.
func (g *register) check(t *testing.T, e *Engine) (lookups int64) {
	least := g.done.Load()
	tx, err := e.ReadKeyCtx(context.Background(), g.key)
	require.NoError(t, err)
	n, parts, err := g.read(tx)
	for lookups = 1; err == ErrRestart; lookups++ {
		if tx.sharer != nil {
			lookups-- // it has found nothing
		}
		tx = tx.Restart()
		n, parts, err = g.read(tx)
	}
	assert.NoError(t, err)
	tx.Commit()
	if n == 0 {
		return lookups // expired, evicted, or deleted
	}
	assert.GreaterOrEqual(t, n, least, "what was written before is seen")
	assert.LessOrEqual(t, n, g.begun.Load())
	switch whole := parts == registerParts; g.kind {
	case String:
	case Hash:
		assert.True(t, whole || parts == registerParts-1 && n%2 == 0, "%d fields of %d", parts, n)
	default:
		assert.True(t, whole, "%d parts of %d", parts, n)
	}
	return lookups
}

// TestReadersAndEverybodyElse lets readers of all kinds come together while their keys
// are written, expire and are evicted, while cuts and forks are taken, and while somebody
// remembers keys for a tracker. No reader sees half of a write, or an old one.
func TestReadersAndEverybodyElse(t *testing.T) {
	seed, most := uint64(time.Now().UnixNano()), 20_000
	t.Logf("seed %d", seed)
	e := newEngine(t, Options{Stripes: 2})
	e.Configure(func(c *Config) { c.Policy, c.MaxMemory = AllKeysLFU, 4000 })
	var registers []*register
	for i := range 10 {
		registers = append(registers, &register{key: key("r%d", i), kind: []Kind{String, List, Set, ZSet, Hash}[i%5]})
	}
	var over atomic.Bool
	var lookups, shared atomic.Int64
	var readers, others sync.WaitGroup
	for g := range 2 {
		r := rand.New(rand.NewPCG(seed, uint64(g)))
		others.Go(func() { // a writer
			for !over.Load() {
				assert.NoError(t, registers[2*r.IntN(len(registers)/2)+g].write(e, e.Now()))
				assert.NoError(t, e.MakeRoom())
				for range r.IntN(20) {
					runtime.Gosched()
				}
			}
		})
	}
	others.Go(func() { // who copies
		for !over.Load() {
			c, err := e.Cut()
			assert.NoError(t, err)
			exportCut(t, c)
			c.Close()
			e.Fork(e.Clock()).Close()
		}
	})
	others.Go(func() { // who tracks
		x := &Tracker{Tell: func([]string) {}}
		all := e.Begin(nil, true, false)
		all.Track(x, TrackMode{On: true})
		all.Commit()
		for k := 0; !over.Load(); k++ {
			tx := e.BeginKey(registers[k%10].key)
			tx.Remember(x, []Key{registers[k%10].key})
			tx.Commit()
			e.TrimRemembered(3)
		}
	})
	for g := range 4 {
		r := rand.New(rand.NewPCG(seed, uint64(4+g)))
		readers.Go(func() {
			for range most / 4 {
				x := registers[r.IntN(len(registers))]
				lookups.Add(x.check(t, e))
				if e.stripe(x.key.Hash).gate.open.Load() != nil {
					shared.Add(1)
				} else if r.IntN(8) == 0 {
					e.stripe(x.key.Hash).openNow()
				}
			}
		})
	}
	readers.Wait()
	over.Store(true)
	others.Wait()
	s := e.Stats()
	require.Equal(t, lookups.Load(), s.Hits+s.Misses, "each lookup is counted once")
	require.Greater(t, shared.Load(), int64(most/20), "readers found the gate open")
	require.Positive(t, s.Hits)
	e.Configure(func(c *Config) { c.MaxMemory = 0 })
	checkAccounts(t, e)
}
