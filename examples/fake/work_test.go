package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store/redistest"
)

// crew is workers, and when they began which job.
type crew struct {
	mu    sync.Mutex
	began map[string][]time.Duration
	stop  func()
}

// hire sets workers to a queue. They do a job in no time if do is nil.
func hire(t *testing.T, q *Queue, workers int, do func(ctx context.Context, body string) error) *crew {
	ctx, cancel := context.WithCancel(t.Context())
	c, hired := &crew{began: map[string][]time.Duration{}}, time.Now()
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			q.Work(ctx, func(ctx context.Context, body string) error {
				c.mu.Lock()
				c.began[body] = append(c.began[body], time.Since(hired))
				c.mu.Unlock()
				if do == nil {
					return nil
				}
				return do(ctx, body)
			})
		})
	}
	c.stop = func() { cancel(); all.Wait() }
	return c
}

// TestDelayedJobsAreDoneInTime looks every minute for a day.
func TestDelayedJobsAreDoneInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		q.look = time.Minute
		want := map[string][]time.Duration{}
		for _, delay := range []time.Duration{24 * time.Hour, 0, time.Minute, 90 * time.Minute, time.Hour} {
			push(t, q, delay.String(), delay)
			want[delay.String()] = []time.Duration{delay}
		}
		c := hire(t, q, 1, nil)
		time.Sleep(24*time.Hour + time.Second)
		c.stop()
		require.Equal(t, want, c.began)
		require.Empty(t, redistest.Dump(fake.Store()))
	})
}

func TestEachJobIsDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		c := hire(t, q, 5, func(context.Context, string) error { time.Sleep(time.Second); return nil })
		for n := range 100 {
			push(t, q, strconv.Itoa(n), time.Duration(n%3)*time.Second)
		}
		time.Sleep(2 * time.Minute)
		c.stop()
		require.Len(t, c.began, 100)
		for body, times := range c.began {
			require.Len(t, times, 1, body)
		}
		require.Empty(t, redistest.Dump(fake.Store()))
	})
}

func TestJobThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		push(t, q, "letter", 0)
		failures := 2
		c := hire(t, q, 1, func(context.Context, string) error {
			if failures--; failures >= 0 {
				return errors.New("the letter box is full")
			}
			return nil
		})
		time.Sleep(10 * time.Minute)
		c.stop()
		require.Equal(t, map[string][]time.Duration{"letter": {0, time.Minute, 2 * time.Minute}}, c.began)
		require.Empty(t, redistest.Dump(fake.Store()))
	})
}

func TestJobHasTheTimeOfTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		push(t, q, "letter", 0)
		c := hire(t, q, 1, func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() })
		time.Sleep(time.Minute + 2*time.Second)
		synctest.Wait()
		c.stop()
		require.Len(t, c.began["letter"], 2)
		require.WithinDuration(t, time.Unix(60, 0), time.Unix(0, 0).Add(c.began["letter"][1]), 2*time.Second)
	})
}

// TestWorkGoesOnWhenRedisIsBack: it loads for a minute, and nobody can connect in the
// next.
func TestWorkGoesOnWhenRedisIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		push(t, q, "letter", 0)
		loading := fake.Fault(redistest.Fault{Error: redistest.Loading})
		c := hire(t, q, 1, nil)
		time.Sleep(time.Minute)
		cut, refused := fake.Fault(redistest.Fault{Cut: redistest.CutBefore}), fake.Fault(redistest.Fault{Refuse: true})
		loading.Remove()
		time.Sleep(time.Minute)
		require.Empty(t, c.began)
		cut.Remove()
		refused.Remove()
		time.Sleep(10 * time.Second)
		c.stop()
		require.Positive(t, refused.Fired())
		require.Len(t, c.began["letter"], 1)
		require.Empty(t, redistest.Dump(fake.Store()))
	})
}

// TestNoJobIsLost on connections that break all the time, before a command, within
// its reply and after it.
func TestNoJobIsLost(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake, client := newFake(t)
				q := NewQueue(client, "mail", time.Minute)
				q.look = 10 * time.Second
				for n := range 50 {
					push(t, q, strconv.Itoa(n), 0)
				}
				var broken []*redistest.Rule
				for _, cut := range []redistest.Cut{redistest.CutBefore, redistest.CutAfter, redistest.CutWithin} {
					broken = append(broken, fake.Fault(redistest.Fault{Probability: 0.05, Seed: seed, Cut: cut}))
				}
				c := hire(t, q, 3, nil)
				time.Sleep(30 * time.Minute)
				c.stop()
				for _, b := range broken {
					require.Positive(t, b.Fired())
				}
				require.Len(t, c.began, 50)
				require.Empty(t, redistest.Dump(fake.Store()))
			})
		})
	}
}
