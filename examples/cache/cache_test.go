package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

// source counts how often it is asked. It takes a second and says how often it was
// asked before.
type source struct {
	asked atomic.Int64
	err   error
}

func (s *source) load(context.Context, string) (int64, error) {
	n := s.asked.Add(1)
	time.Sleep(time.Second)
	return n, s.err
}

// inBubble runs a test in virtual time, with a cache that is fresh for a minute and
// stale for another hour.
func inBubble(t *testing.T, o store.Options, f func(t *testing.T, c *Cache[int64], src *source)) {
	synctest.Test(t, func(t *testing.T) {
		s := store.New(o)
		defer func() { require.NoError(t, s.Close()) }()
		src := new(source)
		f(t, NewCache(s, time.Minute, time.Hour, src.load), src)
		time.Sleep(time.Second) // the last load
		synctest.Wait()
	})
}

// want asks and compares: what it gets, from where, and how long it takes.
func want(t *testing.T, c *Cache[int64], value int64, found Found, took time.Duration) {
	t.Helper()
	began := time.Now()
	v, from, err := c.Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, value, v)
	require.Equal(t, found, from)
	require.Equal(t, took, time.Since(began))
}

func TestValuesAgeFromFreshOverStaleToGone(t *testing.T) {
	inBubble(t, store.Options{}, func(t *testing.T, c *Cache[int64], src *source) {
		want(t, c, 1, Miss, time.Second)
		want(t, c, 1, Fresh, 0)
		time.Sleep(time.Minute - time.Nanosecond)
		want(t, c, 1, Fresh, 0)
		time.Sleep(time.Nanosecond)
		want(t, c, 1, Stale, 0)
		time.Sleep(time.Second) // it was loaded meanwhile
		synctest.Wait()
		want(t, c, 2, Fresh, 0)
		time.Sleep(time.Hour + time.Minute + time.Millisecond)
		want(t, c, 3, Miss, time.Second)
		require.EqualValues(t, 3, src.asked.Load())
	})
}

func TestHundredConcurrentMissesLoadOnce(t *testing.T) {
	inBubble(t, store.Options{}, func(t *testing.T, c *Cache[int64], src *source) {
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { want(t, c, 1, Miss, time.Second) })
		}
		all.Wait()
		require.EqualValues(t, 1, src.asked.Load())
		time.Sleep(2 * time.Minute)
		for range 100 {
			all.Go(func() { want(t, c, 1, Stale, 0) })
		}
		all.Wait()
		time.Sleep(time.Second)
		require.EqualValues(t, 2, src.asked.Load(), "stale values are loaded once too")
	})
}

func TestWhoLeavesSpoilsNothingForOthers(t *testing.T) {
	inBubble(t, store.Options{}, func(t *testing.T, c *Cache[int64], src *source) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _, err := c.Get(ctx, "k")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		want(t, c, 1, Miss, time.Second-time.Millisecond)
		require.EqualValues(t, 1, src.asked.Load())
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	inBubble(t, store.Options{}, func(t *testing.T, c *Cache[int64], src *source) {
		src.err = errors.New("no thermometer")
		_, _, err := c.Get(t.Context(), "k")
		require.ErrorIs(t, err, src.err)
		src.err = nil
		want(t, c, 2, Miss, time.Second)
		src.err = errors.New("broken")
		time.Sleep(2 * time.Minute)
		want(t, c, 2, Stale, 0)
		time.Sleep(time.Second)
		want(t, c, 2, Stale, 0) // better an old value than none
	})
}

func TestMemoryIsLimited(t *testing.T) {
	const limit = 256 << 10
	inBubble(t, store.Options{MaxMemory: limit, Eviction: store.AllKeysLFU}, func(t *testing.T, c *Cache[int64], src *source) {
		var all sync.WaitGroup
		for i := range 10_000 {
			all.Go(func() { _, _, _ = c.Get(t.Context(), fmt.Sprint(i)) })
		}
		all.Wait()
		require.EqualValues(t, 10_000, src.asked.Load())
		// Those who were let in at the same time may have gone beyond the limit, until
		// the next write.
		_, _, err := c.Get(t.Context(), "one more")
		require.NoError(t, err)
		stats := c.store.Stats()
		require.Positive(t, stats.Evicted)
		require.InEpsilon(t, limit, stats.Memory, 0.02)
	})
}

func TestHandler(t *testing.T) {
	s := store.New(store.Options{})
	defer func() { require.NoError(t, s.Close()) }()
	web := httptest.NewServer(handler(NewCache(s, time.Hour, time.Hour, func(_ context.Context, city string) (Weather, error) {
		if city == "Atlantis" {
			return Weather{}, errors.New("it has sunk")
		}
		return Weather{City: city, Celsius: 21}, nil
	})))
	defer web.Close()
	for _, found := range []string{"miss", "fresh", "fresh"} {
		r, err := http.Get(web.URL + "/weather/Paris")
		require.NoError(t, err)
		require.Equal(t, found, r.Header.Get("X-Cache"))
		var w Weather
		require.NoError(t, json.NewDecoder(r.Body).Decode(&w))
		require.NoError(t, r.Body.Close())
		require.Equal(t, Weather{City: "Paris", Celsius: 21}, w)
	}
	r, err := http.Get(web.URL + "/weather/Atlantis")
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Equal(t, http.StatusBadGateway, r.StatusCode)
}

// TestProgram runs the whole and asks as it tells to.
func TestProgram(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, "127.0.0.1:0", in) }()
	b := make([]byte, 1000)
	n, err := out.Read(b)
	require.NoError(t, err)
	url := regexp.MustCompile(`http://\S+`).FindString(string(b[:n]))
	for _, found := range []string{"miss", "fresh"} {
		r, err := http.Get(url)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		require.Equal(t, found, r.Header.Get("X-Cache"))
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	require.NoError(t, <-ended)
}
