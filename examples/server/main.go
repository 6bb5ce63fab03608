// Command server serves an empty store to Redis clients.
//
//	go run ./examples/server -addr 127.0.0.1:6379
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:6379", "address to listen on")
	password := flag.String("requirepass", "", "password that clients must give")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, resp.Options{Password: *password}); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr string, o resp.Options) error {
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	srv := resp.NewServer(s, o)
	fmt.Println("Reside accepts connections on", l.Addr())
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = srv.Shutdown(grace)
	}()
	if err := srv.Serve(l); !errors.Is(err, resp.ErrServerClosed) {
		return err
	}
	return nil
}
