// Command fake shows code of a service that uses Redis, a rate limiter and a job
// queue written against go-redis, and runs both.
//
//	go run ./examples/fake                          # on a store in this process
//	go run ./examples/fake -addr 127.0.0.1:6379     # on a Redis
//
// Its point is the tests beside it: they run the same code on store/redistest, in
// virtual time. Windows pass, leases end and connections break in milliseconds,
// and no server is needed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

func main() {
	addr := flag.String("addr", "", "`host:port` of a Redis; a store in this process without one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := runOn(ctx, *addr, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fake:", err)
		os.Exit(1)
	}
}

// runOn runs on the Redis at an address, or on one that it makes.
func runOn(ctx context.Context, addr string, out io.Writer) error {
	if addr == "" {
		l, err := resp.Listen("127.0.0.1:0")
		if err != nil {
			return err
		}
		s := store.New(store.Options{})
		server := resp.NewServer(s, resp.Options{})
		go func() { _ = server.Serve(l) }()
		defer func() { _ = errors.Join(server.Close(), s.Close()) }()
		addr = l.Addr().String()
	}
	client := redis.NewClient(&redis.Options{Addr: addr})
	defer func() { _ = client.Close() }()
	return run(ctx, client, out)
}

// run shows the limiter, then the queue.
func run(ctx context.Context, client redis.UniversalClient, out io.Writer) error {
	if err := limit(ctx, client, out); err != nil {
		return err
	}
	return queue(ctx, client, out)
}

// teller prints lines with the seconds that have passed.
func teller(out io.Writer) func(format string, args ...any) {
	began := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(out, "%5.1fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
}

// limit lets ada do something five times, where three times in two seconds are allowed.
func limit(ctx context.Context, client redis.UniversalClient, out io.Writer) error {
	fmt.Fprintln(out, "A rate limiter: three visits in two seconds")
	tell := teller(out)
	limiter := NewLimiter(client, 3, 2*time.Second)
	for n := 1; n <= 5 && ctx.Err() == nil; n++ {
		wait, err := limiter.Allow(ctx, "example:ada")
		for err == nil && wait > 0 {
			tell("ada has to wait for %.1fs", wait.Seconds())
			pause(ctx, wait)
			wait, err = limiter.Allow(ctx, "example:ada")
		}
		if err != nil {
			return err
		}
		tell("ada's visit %d", n)
	}
	return ctx.Err()
}

// queue has one job for now and one for later, a worker who dies and one who does both.
func queue(ctx context.Context, client redis.UniversalClient, out io.Writer) error {
	fmt.Fprintln(out, "A job queue: a lease is three seconds")
	tell := teller(out)
	q := NewQueue(client, "example", 3*time.Second)
	for _, job := range []struct {
		body  string
		delay time.Duration
	}{{"welcome ada", 0}, {"remind ada", 2 * time.Second}} {
		if _, err := q.Push(ctx, job.body, job.delay); err != nil {
			return err
		}
		tell("pushed %q, to be done in %v", job.body, job.delay)
	}
	lost, _, err := q.Take(ctx, time.Second)
	if err != nil {
		return err
	}
	tell("a worker takes %q and dies", lost.Body)
	work, finished := context.WithCancel(ctx)
	defer finished()
	left := 2
	q.Work(work, func(_ context.Context, body string) error {
		tell("another worker does %q", body)
		if left--; left == 0 {
			finished()
		}
		return nil
	})
	return ctx.Err()
}
