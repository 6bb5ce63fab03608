package engine

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/internal/event"
)

// ear collects events as words.
type ear struct{ words []string }

func (l *ear) hear(list []Event) {
	for _, e := range list {
		l.words = append(l.words, fmt.Sprintf("%s:%s", e.Key, e.Name))
	}
}

// since is what was heard since the last call.
func (l *ear) since() string {
	s := strings.Join(l.words, " ")
	l.words = nil
	return s
}

func listenTo(t testing.TB, e *Engine) *ear {
	l := new(ear)
	t.Cleanup(e.Listen(l.hear))
	return l
}

// TestListenWaitsForTransactionsUnderWay: what began before anybody listened tells
// nothing, so Listen returns when it is over.
func TestListenWaitsForTransactionsUnderWay(t *testing.T) {
	e := newEngine(t, Options{Stripes: 4})
	for i := range 50 {
		k := key("k%d", i)
		tx := e.BeginKey(k)
		listening := make(chan func(), 1)
		go func() { listening <- e.Listen(func([]Event) {}) }()
		for e.ears.Load() == nil {
			runtime.Gosched()
		}
		for range 100 {
			runtime.Gosched()
		}
		require.NoError(t, tx.PutString(k, nil, 0))
		require.Empty(t, listening, "a transaction could be missed")
		tx.Commit()
		(<-listening)()
		require.Nil(t, e.ears.Load())
	}
}

// TestReplicaTellsOfEffects: where a record is applied nobody knows which command it
// comes from; each effect is told of as the command that it is written as.
func TestReplicaTellsOfEffects(t *testing.T) {
	clock := newFakeClock()
	log := new(tape)
	e := sample(t, log)
	change(t, e, func(tx *Tx) error {
		_, err1 := tx.Rename(key("list"), key("l"))
		_, err2 := tx.SetDeadline(key("set"), clock.ms()+1000)
		_, err3 := tx.SetDeadline(key("string"), 0)
		_, err4 := tx.As(event.HIncrBy).HashUpdate(key("hash"), bytesOf("n", "1")...)
		_, err5 := tx.Delete(key("zset"))
		obj, err6 := tx.Assemble(Set, bytesOf("a"), 0)
		return errors.Join(err1, err2, err3, err4, err5, err6, tx.As(event.CopyTo).Replace(key("c"), Set, obj, 0))
	})
	replica := newEngine(t, Options{Databases: 2, Stripes: 2, Clock: clock, Replica: true})
	l := listenTo(t, replica)
	var told []string
	for _, r := range log.records {
		require.NoError(t, replica.Apply(r))
		told = append(told, l.since())
	}
	require.Equal(t, []string{
		"list:new list:rpush set:new set:sadd zset:new zset:zadd hash:new hash:hset hash:hexpire string:new string:set string:expire",
		"l:new list:rename_from l:rename_to set:expire string:persist hash:hset zset:del c:new c:restore",
	}, told)
	clock.advance(time.Hour)
	require.False(t, exists(t, replica, key("set")), "hidden")
	require.Empty(t, l.since(), "a replica does not let keys expire")
	require.NoError(t, replica.Apply(Record{Clock: clock.ms(), Effects: effect.Append(nil, false, effect.Delete, 0, []byte("set"), nil, nil)}))
	require.Equal(t, "set:del", l.since())
}

// TestEveryEffectHasAnEvent but those on databases.
func TestEveryEffectHasAnEvent(t *testing.T) {
	for i, f := range appliers {
		op := effect.Op(i)
		switch op {
		case effect.FlushDB, effect.SwapDB, effect.Rename:
			continue
		}
		if f.run == nil {
			continue
		}
		for _, n := range []int64{0, 1} {
			name := nameOf(op, []int64{n})
			require.NotEqual(t, event.None, name, op)
		}
	}
}

// TestAttemptOfAWaiterThatFails: what expired on the way is deleted, told of and
// written down although the attempt finds nothing.
func TestAttemptOfAWaiterThatFails(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Databases: 2, Clock: clock})
	log := new(tape)
	e.Attach(e.Tap(log.sink))
	l := listenTo(t, e)
	change(t, e, func(tx *Tx) error {
		tx.SetActiveExpire(false)
		_, err := tx.ListPush(key("k").In(1), true, []byte("v"))
		_, err2 := tx.SetDeadline(key("k").In(1), clock.ms()+10)
		return errors.Join(err, err2)
	})
	clock.advance(time.Second)
	w := &Waiter{Keys: []Key{key("k")}, Kind: List, Try: func(tx *Tx) error {
		ent, err := tx.FindAs(key("k"), List)
		if ent == nil && err == nil {
			err = ErrEmpty
		}
		return err
	}}
	e.BeginKey(key("k")).Park(w)
	l.since()
	change(t, e, func(tx *Tx) error { return tx.SwapDB(0, 1) })
	require.Equal(t, "k:expired", l.since())
	require.True(t, e.Cancel(w))
	require.Equal(t, e.Dump(), log.replay(t, Options{Databases: 2, Replica: true}).Dump())
	require.Zero(t, log.replay(t, Options{Databases: 2, Replica: true}).Len(0))
}

// TestExpiredFieldsMakeNoNewKey, whatever the last mutator looked for.
func TestExpiredFieldsMakeNoNewKey(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Stripes: 1, Clock: clock})
	l := listenTo(t, e)
	change(t, e, func(tx *Tx) error {
		_, err := tx.HashPut(key("h"), bytesOf("f", "v", "g", "w")...)
		return errors.Join(err, tx.HashDeadline(key("h"), clock.ms()+10, bytesOf("f")...))
	})
	l.since()
	change(t, e, func(tx *Tx) error {
		_, err := tx.Delete(key("none"))
		return err
	})
	clock.advance(time.Second)
	require.Equal(t, "h:hexpired", l.since())
}

// TestNobodyListens: then nothing is kept.
func TestNobodyListens(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	put(t, e, "a", "b")
	change(t, e, func(tx *Tx) error {
		require.Nil(t, tx.ears)
		require.Nil(t, tx.events)
		return nil
	})
	k, v := key("a"), []byte("other")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		tx := e.BeginKey(k)
		_ = tx.PutString(k, v, 0)
		tx.Commit()
	}))
}

// BenchmarkSetExisting is what a write pays for events.
func BenchmarkSetExisting(b *testing.B) {
	for _, c := range []struct {
		name string
		ear  Ear
	}{{"nobody listens", nil}, {"somebody listens", func([]Event) {}}} {
		b.Run(c.name, func(b *testing.B) {
			e := newEngine(b, Options{})
			if c.ear != nil {
				defer e.Listen(c.ear)()
			}
			k, v := key("k"), []byte("value")
			put(b, e, "k")
			b.ReportAllocs()
			for b.Loop() {
				tx := e.BeginKey(k)
				if err := tx.PutString(k, v, 0); err != nil {
					b.Fatal(err)
				}
				tx.Commit()
			}
		})
	}
}
