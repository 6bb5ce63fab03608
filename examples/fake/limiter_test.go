package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store/redistest"
)

// wantWait asks and compares.
func wantWait(t *testing.T, l *Limiter, who string, wait time.Duration) {
	t.Helper()
	got, err := l.Allow(t.Context(), who)
	require.NoError(t, err)
	require.Equal(t, wait, got)
}

func TestWindowSlides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		l := NewLimiter(client, 2, 10*time.Second)
		wantWait(t, l, "ada", 0)
		time.Sleep(6 * time.Second)
		wantWait(t, l, "ada", 0)
		wantWait(t, l, "ada", 4*time.Second) // until the first one is ten seconds old
		wantWait(t, l, "grace", 0)
		time.Sleep(4*time.Second - time.Microsecond)
		wantWait(t, l, "ada", time.Microsecond)
		time.Sleep(time.Microsecond)
		wantWait(t, l, "ada", 0)
		wantWait(t, l, "ada", 6*time.Second) // until the second one is
		time.Sleep(10*time.Second + time.Millisecond)
		require.Empty(t, redistest.Dump(fake.Store()), "who stays away leaves nothing behind")
	})
}

// TestADayOfVisits comes every minute for a day, where 30 an hour are allowed: every
// hour has 30 visits and 30 refusals.
func TestADayOfVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := newFake(t)
		l := NewLimiter(client, 30, time.Hour)
		for minute := range 24 * 60 {
			wait := time.Duration(60-minute%60) * time.Minute // the first half hour fills the window
			if minute%60 < 30 {
				wait = 0
			}
			wantWait(t, l, "ada", wait)
			time.Sleep(time.Minute)
		}
	})
}

// TestNoMoreThanTheLimitAtOnce delays each transaction behind what it has read, so that
// the others come in between.
func TestNoMoreThanTheLimitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		fake.Fault(redistest.Fault{Command: "MULTI", Delay: time.Millisecond})
		l := NewLimiter(client, 5, time.Minute)
		var allowed atomic.Int64
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				wait, err := l.Allow(t.Context(), "ada")
				if err != nil {
					t.Error(err)
				} else if wait == 0 {
					allowed.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 5, allowed.Load())
	})
}

// TestVisitIsCountedOnceWhenTheConnectionBreaks, wherever in the transaction that is.
func TestVisitIsCountedOnceWhenTheConnectionBreaks(t *testing.T) {
	for _, command := range []string{"WATCH", "TIME", "MULTI", "ZADD", "EXEC"} {
		for _, cut := range []redistest.Cut{redistest.CutBefore, redistest.CutAfter, redistest.CutWithin} {
			t.Run(fmt.Sprint(command, " ", cut), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake, client := newFake(t)
					l := NewLimiter(client, 2, time.Minute)
					broken := fake.Fault(redistest.Fault{Command: command, Cut: cut, First: 1})
					wantWait(t, l, "ada", 0)
					require.Equal(t, 1, broken.Fired())
					visits, err := client.ZCard(t.Context(), "limit:ada").Result()
					require.NoError(t, err)
					require.EqualValues(t, 1, visits)
				})
			})
		}
	}
}

// TestLastVisitIsNotRefusedToItself: it was counted, the reply was lost, and there
// is no room for another.
func TestLastVisitIsNotRefusedToItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		l := NewLimiter(client, 1, time.Minute)
		fake.Fault(redistest.Fault{Command: "EXEC", Cut: redistest.CutWithin, First: 1})
		wantWait(t, l, "ada", 0)
	})
}

func TestRedisThatLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		l := NewLimiter(client, 1, time.Minute)
		loading := fake.Fault(redistest.Fault{Error: redistest.Loading, First: 2})
		wantWait(t, l, "ada", 0) // go-redis tries again
		require.Equal(t, 2, loading.Fired())

		loading = fake.Fault(redistest.Fault{Error: redistest.Loading})
		_, err := l.Allow(t.Context(), "ada")
		require.EqualError(t, err, redistest.Loading, "but not for ever")
		loading.Remove()
		wantWait(t, l, "grace", 0)
	})
}
