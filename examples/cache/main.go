// Command cache serves a slow source over HTTP from a typed cache.
//
//	go run ./examples/cache
//
// It keeps what it was told in a Reside store with a memory limit; what is used
// least goes first. Cache, in cache.go, is what to copy.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/residedb/reside/store"
)

// Weather is what the source knows of a city.
type Weather struct {
	City    string
	Celsius int
	At      time.Time
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`host:port` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *addr, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cache:", err)
		os.Exit(1)
	}
}

// How long the weather is fresh, and then stale.
const fresh, stale = 5 * time.Second, 30 * time.Second

// run serves until ctx ends.
func run(ctx context.Context, addr string, out io.Writer) error {
	s := store.New(store.Options{MaxMemory: 64 << 20, Eviction: store.AllKeysLFU})
	defer func() { _ = s.Close() }()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := http.Server{Handler: handler(NewCache(s, fresh, stale, measure)), ReadHeaderTimeout: time.Minute}
	fmt.Fprintf(out, tryIt, l.Addr(), fresh, stale)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err = <-served:
		return err
	case <-ctx.Done():
		return server.Shutdown(context.Background())
	}
}

const tryIt = `Try, in another terminal:

  curl -i http://%s/weather/Paris

The first answer takes a second (X-Cache: miss). Those of the next %v come at once
(fresh), and for %v after that too (stale) while the weather is measured anew.
Ask from many terminals at once: it is measured once.
`

// measure is the slow source: somebody has to read the thermometer.
func measure(ctx context.Context, city string) (Weather, error) {
	select {
	case <-time.After(time.Second):
		now := time.Now()
		return Weather{city, 10 + now.Second()%20, now}, nil
	case <-ctx.Done():
		return Weather{}, ctx.Err()
	}
}

// handler answers GET /weather/{city} from the cache.
func handler(c *Cache[Weather]) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /weather/{city}", func(w http.ResponseWriter, r *http.Request) {
		weather, found, err := c.Get(r.Context(), r.PathValue("city"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("X-Cache", string(found))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(weather)
	})
	return mux
}
