// Command server serves a store to Redis clients, until it is told to stop by SIGINT
// (control-C), SIGTERM, or the command SHUTDOWN.
//
//	go run ./examples/server
//	redis-cli SET greeting hello
//
// The store is in memory only unless it is given a directory. Then what clients write is
// there when the server is started again, even if it was killed:
//
//	go run ./examples/server -dir /var/lib/reside -appendfsync always
//
// With a certificate it speaks TLS, and lets in clients that have one too:
//
//	go run ./examples/server -tls-cert-file s.crt -tls-key-file s.key -tls-ca-cert-file ca.crt
//	redis-cli --tls --cert c.crt --key c.key --cacert ca.crt SET greeting hello
//
// It is a whole program around store/resp: copy it and go on from there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// options are what the flags say.
type options struct {
	addr   string      // "" for no port
	socket string      // path of a UNIX socket, "" for none
	perm   fs.FileMode // of the socket
	tls    tlsFiles
	keep   keepFlags
	store  store.Options
	resp   resp.Options
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
	f.StringVar(&o.addr, "addr", "127.0.0.1:6379", "`host:port` to listen on; loopback without a host; no port if empty")
	f.StringVar(&o.socket, "unixsocket", "", "`path` of a UNIX socket to listen on too")
	o.perm = resp.SocketPerm
	f.Func("unixsocketperm", "octal `permissions` of the UNIX socket; 700 by default", func(s string) error {
		n, err := strconv.ParseUint(s, 8, 9)
		o.perm = fs.FileMode(n)
		return err
	})
	f.StringVar(&o.tls.cert, "tls-cert-file", "", "`file` with the server's certificate; with one the port speaks TLS only")
	f.StringVar(&o.tls.key, "tls-key-file", "", "`file` with the key of that certificate")
	f.StringVar(&o.tls.ca, "tls-ca-cert-file", "", "`file` with the certificates of those who sign the clients'")
	f.StringVar(&o.tls.auth, "tls-auth-clients", "yes", "whether clients need a certificate: `yes, no or optional`")
	f.StringVar(&o.resp.Password, "requirepass", "", "`password` that clients must give")
	f.BoolVar(&o.resp.Debug, "enable-debug-command", false, "allow the command DEBUG")
	f.TextVar(&o.store.Eviction, "maxmemory-policy", store.NoEviction, "`policy` by which keys are evicted once maxmemory is reached")
	f.Func("maxmemory", "limit of the `bytes` that keys take, as 100mb; none by default", func(s string) (err error) {
		o.store.MaxMemory, err = resp.ParseMemory(s)
		return err
	})
	o.keep.define(f, &o.store.Durability)
	_ = f.Parse(args)
	return o
}

// grace is how long clients may take to read their last replies.
const grace = 5 * time.Second

// run serves until ctx ends or a client says SHUTDOWN.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	if o.resp.TLS, err = o.tls.config(); err != nil {
		return err
	}
	doors, err := o.listen() // clients that come while the store is loaded wait
	if err != nil {
		return err
	}
	s, err := o.keep.open(ctx, o.store, out)
	if err != nil {
		closeAll(doors)
		if ctx.Err() != nil { // it was told to stop
			err = nil
		}
		return err
	}
	err = serve(ctx, doors, resp.NewServer(s, o.resp), out)
	return errors.Join(err, s.Close())
}

func serve(ctx context.Context, doors []net.Listener, srv *resp.Server, out io.Writer) error {
	served := make(chan error, len(doors))
	for _, l := range doors {
		go func() { served <- srv.Serve(l) }()
		fmt.Fprintln(out, "Reside accepts connections on", l.Addr())
	}
	select {
	case err := <-served:
		if errors.Is(err, resp.ErrServerClosed) { // by SHUTDOWN
			err = nil
		}
		return errors.Join(err, srv.Close())
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := srv.Shutdown(last); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil // the clients that did not read are cut off
}

// listen opens the port and the socket.
func (o options) listen() (doors []net.Listener, err error) {
	if o.addr != "" {
		l, err := resp.Listen(o.addr)
		if err != nil {
			return nil, err
		}
		doors = append(doors, l)
	}
	if o.socket != "" {
		l, err := resp.ListenUnix(o.socket, o.perm)
		if err != nil {
			return nil, err
		}
		doors = append(doors, l)
	}
	if len(doors) == 0 {
		return nil, errors.New("nowhere to listen: neither -addr nor -unixsocket")
	}
	return doors, nil
}

func closeAll(doors []net.Listener) {
	for _, l := range doors {
		_ = l.Close()
	}
}
