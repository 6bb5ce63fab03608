package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

var (
	historySeed   = flag.Uint64("history.seed", 0, "seed of the random histories that followers follow; 0 draws one")
	historyRounds = flag.Int("history.rounds", 12, "rounds of each of them")
)

// seedOf is the seed that a test runs with, which it prints.
func seedOf(t *testing.T) uint64 {
	seed := *historySeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-history.seed=%d", seed)
	return seed
}

// historian makes up what a program does to a store.
type historian struct {
	*rand.Rand
	t     *testing.T
	s     *store.Store
	clock *leapingClock
}

func historianOf(t *testing.T, s *store.Store, c *leapingClock, seed, number uint64) *historian {
	return &historian{rand.New(rand.NewPCG(seed, number)), t, s, c}
}

// some does so many things.
func (h *historian) some(n int) {
	for range n {
		h.step()
	}
}

// busy lets several goroutines do so many things each.
func busy(t *testing.T, s *store.Store, c *leapingClock, seed uint64, writers, n int) {
	var all sync.WaitGroup
	for w := range uint64(writers) {
		all.Go(func() { historianOf(t, s, c, seed, w).some(n) })
	}
	all.Wait()
}

// step does one thing at random.
func (h *historian) step() {
	s := h.s.Select(h.IntN(2))
	var err error
	switch n := h.IntN(100); {
	case n < 1:
		h.clock.leap(time.Duration(h.IntN(20)) * time.Second)
	case n < 20:
		err = h.transact(s)
	case n < 30:
		err = h.keys(s)
	default:
		err = h.value(s)
	}
	if err != nil {
		h.t.Error(err)
	}
}

func (h *historian) name(kind string) string { return fmt.Sprint(kind, h.IntN(12)) }

func (h *historian) word() string {
	if h.IntN(60) == 0 {
		return strings.Repeat("long ", h.IntN(20_000))
	}
	return fmt.Sprint("word ", h.IntN(1000))
}

// transact moves a number between two keys, whose sum stays 0, and does other things in
// the same transaction; now and then all of it is undone.
func (h *historian) transact(s *store.Store) error {
	a, b, n, undone := h.IntN(5), h.IntN(5), h.Int64N(100), h.IntN(5) == 0
	err := s.Update(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		for key, by := range map[string]int64{fmt.Sprint("account", a): n, fmt.Sprint("account", b): -n} {
			if a == b {
				continue
			}
			if _, err := types.NewCounter(tx, key).Add(ctx, by); err != nil {
				return err
			}
		}
		if _, err := types.NewList[string](tx, "ledger").PushBack(ctx, h.word()); err != nil {
			return err
		}
		if undone {
			return errUndone
		}
		return types.NewList[string](tx, "ledger").Trim(ctx, -20, -1)
	})
	if err == errUndone {
		return nil
	}
	return err
}

var errUndone = errors.New("undone")

// keys does something to keys of any type.
func (h *historian) keys(s *store.Store) error {
	ctx, kind := context.Background(), []string{"string", "list", "set", "zset", "hash"}[h.IntN(5)]
	var err error
	switch h.IntN(12) {
	case 0:
		_, err = s.Delete(ctx, h.name(kind), h.name("string"))
	case 1, 2, 3:
		_, err = s.Expire(ctx, h.name(kind), time.Duration(h.IntN(20_000))*time.Millisecond)
	case 4:
		_, err = s.Persist(ctx, h.name(kind))
	case 5, 6:
		_, err = s.RenameIfAbsent(ctx, h.name(kind), h.name(kind))
	case 7:
		_, err = s.CopyOver(ctx, h.name(kind), h.name(kind))
	case 8:
		_, err = s.Move(ctx, h.name(kind), h.IntN(2))
	case 9:
		if h.IntN(10) == 0 {
			err = s.SwapDB(ctx, 0, 1)
		}
	case 10:
		if h.IntN(30) == 0 {
			err = s.Flush(ctx)
		}
	default:
		_, err = s.SortTo(ctx, h.name("list"), h.name("set"), store.SortOptions{Alpha: true})
	}
	if err == store.ErrNoSuchKey || err == store.ErrSameKey {
		return nil
	}
	return err
}

// value changes a value of a random type.
func (h *historian) value(s *store.Store) error {
	ctx, w, n := context.Background(), h.word(), h.Int64N(100)
	var err error
	switch h.IntN(14) {
	case 0, 1:
		err = types.NewString[string](s, h.name("string")).Set(ctx, w)
	case 2:
		_, err = types.NewString[string](s, h.name("string")).WriteBytes(ctx, n, []byte(w))
	case 3:
		_, err = types.NewList[string](s, h.name("list")).PushFront(ctx, w, "x")
	case 4:
		_, _, err = types.NewList[string](s, h.name("list")).PopBack(ctx)
	case 5:
		_, err = types.NewList[string](s, h.name("list")).Remove(ctx, 1, "x")
	case 6:
		_, err = types.NewSet[string](s, h.name("set")).Add(ctx, w, fmt.Sprint(n))
	case 7:
		_, err = types.NewSet[string](s, h.name("set")).PopN(ctx, n%3)
	case 8:
		_, err = types.NewSet[string](s, h.name("set")).StoreUnion(ctx, types.NewSet[string](s, h.name("set")), types.NewSet[string](s, h.name("set")))
	case 9:
		_, err = types.NewZSet[string](s, h.name("zset")).Incr(ctx, fmt.Sprint("m", n), float64(n)/4)
	case 10:
		_, err = types.NewZSet[string](s, h.name("zset")).PopMinN(ctx, n%3)
	case 11:
		_, err = types.NewHash[string, string](s, h.name("hash")).Set(ctx, fmt.Sprint("f", n), w)
	case 12:
		_, err = types.NewHash[string, string](s, h.name("hash")).ExpireFields(ctx, time.Duration(n)*time.Second, store.Anyway, fmt.Sprint("f", n), fmt.Sprint("f", n+1))
	default:
		_, err = types.NewHash[string, string](s, h.name("hash")).Remove(ctx, fmt.Sprint("f", n))
	}
	return err
}

// leapingClock is the system's clock, set forward by leaps. What is due is found by who
// looks for it.
type leapingClock struct {
	mu sync.Mutex
	by time.Duration
}

func (c *leapingClock) leap(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by += d
}

// Now is the time.
func (c *leapingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

// AfterFunc is time.AfterFunc.
func (c *leapingClock) AfterFunc(d time.Duration, f func()) store.Timer { return time.AfterFunc(d, f) }
