package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
)

// request is a call of a follower on its way to the other end.
type request struct {
	Call    string
	At      replicate.State
	About   persist.Snapshot
	Chunk   persist.Chunk
	Records []persist.Record
}

// reply is what became of it.
type reply struct {
	At    replicate.State
	Error string // "" for none
	Gap   bool   // the error is replicate.ErrGap
}

// Link is a replicate.Follower at the other end of a connection, where Serve is.
type Link struct {
	conn net.Conn
	mu   sync.Mutex // one call is under way
	out  *gob.Encoder
	in   *gob.Decoder
}

// NewLink makes a Link of a connection.
func NewLink(conn net.Conn) *Link {
	return &Link{conn: conn, out: gob.NewEncoder(conn), in: gob.NewDecoder(conn)}
}

// call sends a request and waits for the reply. A context that ends meanwhile breaks the
// connection, as nobody knows then what the other end has done.
func (l *Link) call(ctx context.Context, r request) (a reply, err error) {
	if err := ctx.Err(); err != nil {
		return a, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	defer stop()
	if err = l.out.Encode(r); err == nil {
		err = l.in.Decode(&a)
	}
	switch {
	case ctx.Err() != nil:
		return a, ctx.Err()
	case err != nil:
		return a, err
	case a.Gap:
		return a, fmt.Errorf("%w: %s", replicate.ErrGap, a.Error)
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

// State asks for it.
func (l *Link) State(ctx context.Context) (replicate.State, error) {
	a, err := l.call(ctx, request{Call: "state"})
	return a.At, err
}

// Continue tells of a state.
func (l *Link) Continue(ctx context.Context, at replicate.State) error {
	_, err := l.call(ctx, request{Call: "continue", At: at})
	return err
}

// Append sends records. They are copied on the way, so what was borrowed is given back.
func (l *Link) Append(ctx context.Context, records []persist.Record) error {
	_, err := l.call(ctx, request{Call: "append", Records: records})
	return err
}

// Create begins a snapshot.
func (l *Link) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	if _, err := l.call(ctx, request{Call: "create", About: about}); err != nil {
		return nil, err
	}
	return &linkWriter{ctx, l}, nil
}

type linkWriter struct {
	ctx context.Context
	*Link
}

// Write sends a chunk.
func (w *linkWriter) Write(c persist.Chunk) error {
	_, err := w.call(w.ctx, request{Call: "write", Chunk: c})
	return err
}

// Commit ends the snapshot.
func (w *linkWriter) Commit() error {
	_, err := w.call(w.ctx, request{Call: "commit"})
	return err
}

// Abort drops it. It is no error if the connection is broken: then the other end does so.
func (w *linkWriter) Abort() error {
	_, _ = w.call(context.WithoutCancel(w.ctx), request{Call: "abort"})
	return nil
}

// Serve does what a Link asks for, on a follower, until the connection ends.
func Serve(ctx context.Context, conn net.Conn, f replicate.Follower) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	in, out := gob.NewDecoder(conn), gob.NewEncoder(conn)
	var w persist.SnapshotWriter
	for {
		var r request
		if err := in.Decode(&r); errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
			return ctx.Err()
		} else if err != nil {
			return err
		}
		at, err := serve(ctx, f, &w, r)
		a := reply{At: at, Gap: errors.Is(err, replicate.ErrGap)}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

var errNoSnapshot = errors.New("no snapshot has begun")

// serve does one thing. w is the snapshot under way, nil for none.
func serve(ctx context.Context, f replicate.Follower, w *persist.SnapshotWriter, r request) (at replicate.State, err error) {
	switch r.Call {
	case "state":
		return f.State(ctx)
	case "continue":
		return at, f.Continue(ctx, r.At)
	case "append":
		return at, f.Append(ctx, r.Records)
	case "create":
		*w, err = f.Create(ctx, r.About)
		return at, err
	}
	if *w == nil {
		return at, errNoSnapshot
	}
	switch r.Call {
	case "write":
		return at, (*w).Write(r.Chunk)
	case "commit":
		return at, (*w).Commit()
	case "abort":
		return at, (*w).Abort()
	}
	return at, fmt.Errorf("there is no call %q", r.Call)
}
