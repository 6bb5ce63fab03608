package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store/redistest"
)

// push adds a job.
func push(t *testing.T, q *Queue, body string, delay time.Duration) {
	t.Helper()
	_, err := q.Push(t.Context(), body, delay)
	require.NoError(t, err)
}

// wantJob takes a job and compares: what it is, "" for none, and how long it takes.
func wantJob(t *testing.T, q *Queue, wait time.Duration, body string, took time.Duration) (id string) {
	t.Helper()
	began := time.Now()
	job, ok, err := q.Take(t.Context(), wait)
	require.NoError(t, err)
	require.Equal(t, body, job.Body)
	require.Equal(t, body != "", ok)
	require.Equal(t, took, time.Since(began))
	return job.ID
}

func TestJobsAreDoneInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		push(t, q, "first", 0)
		push(t, q, "second", 0)
		for _, body := range []string{"first", "second"} {
			require.NoError(t, q.Done(t.Context(), wantJob(t, q, time.Second, body, 0)))
		}
		require.Empty(t, redistest.Dump(fake.Store()), "a queue without jobs is no keys")
	})
}

func TestTakeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		wantJob(t, q, 5*time.Second, "", 5*time.Second)
		time.AfterFunc(2*time.Second, func() { _, _ = q.Push(context.Background(), "at last", 0) })
		wantJob(t, q, time.Hour, "at last", 2*time.Second)
	})
}

func TestJobOfAWorkerThatDiesIsGivenToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		push(t, q, "letter", 0)
		dead := wantJob(t, q, time.Second, "letter", 0)
		time.Sleep(time.Minute - 2*time.Second)
		wantJob(t, q, time.Second, "", time.Second) // it is his
		time.Sleep(time.Second)
		given := wantJob(t, q, time.Second, "letter", 0)
		require.Equal(t, dead, given)
		time.Sleep(time.Minute)
		require.NoError(t, q.Done(t.Context(), dead), "he was slow, not dead")
		wantJob(t, q, time.Second, "", time.Second)
		require.Empty(t, redistest.Dump(fake.Store()))
	})
}

// TestJobThatIsLostOnItsWayIsGivenToAnother: Redis has moved it, and no worker knows.
func TestJobThatIsLostOnItsWayIsGivenToAnother(t *testing.T) {
	for _, cut := range []redistest.Cut{redistest.CutAfter, redistest.CutWithin} {
		synctest.Test(t, func(t *testing.T) {
			fake, client := newFake(t)
			q := NewQueue(client, "mail", time.Minute)
			push(t, q, "letter", 0)
			broken := fake.Fault(redistest.Fault{Command: "BLMOVE", Cut: cut, First: 1})
			job, ok, err := q.Take(t.Context(), time.Second) // go-redis tries again, and there is no job
			require.NoError(t, err)
			require.False(t, ok, job)
			require.Equal(t, 1, broken.Fired())
			wantJob(t, q, time.Second, "", time.Second) // here it gets a lease
			time.Sleep(time.Minute - time.Second)
			wantJob(t, q, time.Second, "letter", 0)
		})
	}
}

func TestJobThatIsDoneIsNotHandedOutAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		q := NewQueue(client, "mail", time.Minute)
		push(t, q, "letter", 0)
		slow := wantJob(t, q, time.Second, "letter", 0)
		time.Sleep(time.Minute)
		require.NoError(t, q.makeReady(t.Context())) // it is ready again
		require.NoError(t, q.Done(t.Context(), slow))
		wantJob(t, q, time.Second, "", 0)
		require.Empty(t, redistest.Dump(fake.Store()))
	})
}

func TestQueuesAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := newFake(t)
		mail, bills := NewQueue(client, "mail", time.Minute), NewQueue(client, "bills", time.Minute)
		push(t, mail, "letter", 0)
		wantJob(t, bills, time.Second, "", time.Second)
		wantJob(t, mail, time.Second, "letter", 0)
	})
}
