// Command server serves an empty store to Redis clients, until it is told to stop
// by SIGINT (control-C) or SIGTERM.
//
//	go run ./examples/server
//	redis-cli SET greeting hello
//
// It is a whole program around store/resp: copy it and go on from there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// options are what the flags say.
type options struct {
	addr  string
	store store.Options
	resp  resp.Options
}

func main() {
	o := parse(os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// parse reads the flags; it ends the program when one is wrong.
func parse(args []string) (o options) {
	f := flag.NewFlagSet("server", flag.ExitOnError)
	f.StringVar(&o.addr, "addr", "127.0.0.1:6379", "`host:port` to listen on; loopback without a host")
	f.StringVar(&o.resp.Password, "requirepass", "", "`password` that clients must give")
	f.BoolVar(&o.resp.Debug, "enable-debug-command", false, "allow the command DEBUG")
	f.TextVar(&o.store.Eviction, "maxmemory-policy", store.NoEviction, "`policy` by which keys are evicted once maxmemory is reached")
	f.Func("maxmemory", "limit of the `bytes` that keys take, as 100mb; none by default", func(s string) (err error) {
		o.store.MaxMemory, err = resp.ParseMemory(s)
		return err
	})
	_ = f.Parse(args)
	return o
}

// grace is how long clients may take to read their last replies.
const grace = 5 * time.Second

// run serves until ctx ends.
func run(ctx context.Context, o options, out io.Writer) error {
	s := store.New(o.store)
	defer func() { _ = s.Close() }()
	l, err := resp.Listen(o.addr)
	if err != nil {
		return err
	}
	srv := resp.NewServer(s, o.resp)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	fmt.Fprintln(out, "Reside accepts connections on", l.Addr())
	select {
	case err = <-served:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := srv.Shutdown(last); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil // the clients that did not read are cut off
}
