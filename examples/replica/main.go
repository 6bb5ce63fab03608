// Replica keeps two stores the same over a TCP connection: a follower of one's own, in a
// hundred lines, for when both ends are programs with Reside in them.
//
//	go run ./replica
//
// One store listens for a primary, as a follower. The other one is written to, and tells
// it of everything. Then the connection breaks; what was missed is sent when there is a
// new one. At last the primary is gone and the follower takes its place.
//
// What a Link does, calls sent over a connection, any protocol between stores can do. It
// trusts the other end, so it is for a network that can be trusted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	primary, follower := store.New(store.Options{}), store.New(store.Options{Follower: true})
	err := both(ctx, out, primary, follower)
	return errors.Join(err, primary.Close(), follower.Close())
}

// both connects the stores twice.
func both(ctx context.Context, out io.Writer, primary, follower *store.Store) error {
	visits := types.NewCounter(primary, "visits")
	for _, page := range []string{"a snapshot", "what was missed"} {
		if _, err := visits.Add(ctx, 1000); err != nil {
			return err
		}
		if err := connected(ctx, primary, follower); err != nil {
			return err
		}
		n, _, err := types.NewCounter(follower, "visits").Get(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "the follower has %d visits, by %s\n", n, page)
	}
	if err := types.NewCounter(follower, "visits").Set(ctx, 0); !errors.Is(err, store.ErrReplica) {
		return fmt.Errorf("a follower took a write: %w", err)
	}
	if err := follower.Promote(ctx); err != nil {
		return err
	}
	n, err := types.NewCounter(follower, "visits").Incr(ctx)
	fmt.Fprintf(out, "promoted, it counts %d\n", n)
	return err
}

// connected lets the follower hear of what the primary has, and breaks the connection.
func connected(ctx context.Context, primary, follower *store.Store) error {
	ctx, cancel := context.WithCancel(ctx)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		return err
	}
	var ends sync.WaitGroup
	defer ends.Wait()
	defer cancel()
	ends.Go(func() {
		if conn, err := listener.Accept(); err == nil {
			_ = Serve(ctx, conn, follower.Follower())
			_ = conn.Close()
		}
	})
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ends.Go(func() {
		_ = primary.Replicate(ctx, NewLink(conn), replicate.Options{})
		_ = conn.Close()
	})
	for follower.Position() < primary.Position() {
		time.Sleep(time.Millisecond)
	}
	return listener.Close()
}
