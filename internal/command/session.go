package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// SessionRow is a command about a connection of type S instead of data: CLIENT,
// CONFIG, MULTI. A server defines its own and puts them in the same table.
type SessionRow[S, A, R any] struct {
	Info
	walk  func(*A, *arg.Walker)
	op    func(S, A) (R, error)
	reply *reply.Codec[R]
}

// SessionCall is a call of a command about a connection.
type SessionCall[S any] interface {
	Call
	// Serve calls the op and writes its reply or its error.
	Serve(s S, out *wire.Writer) error
}

// DefineSession makes a row about connections.
func DefineSession[S, A, R any](i Info, walk func(*A, *arg.Walker), op func(S, A) (R, error), c *reply.Codec[R]) *SessionRow[S, A, R] {
	return &SessionRow[S, A, R]{Info: i, walk: walk, op: op, reply: c}
}

// Meta returns what was declared.
func (r *SessionRow[S, A, R]) Meta() *Info { return &r.Info }

// Spec describes the arguments.
func (r *SessionRow[S, A, R]) Spec() *arg.Spec {
	return arg.Describe(r.Words(), func(w *arg.Walker) { r.walk(new(A), w) })
}

// NewCall makes the place for one connection's arguments.
func (r *SessionRow[S, A, R]) NewCall() Call { return &sessionCall[S, A, R]{row: r} }

type sessionCall[S, A, R any] struct {
	row  *SessionRow[S, A, R]
	args A
}

func (c *sessionCall[S, A, R]) Decode(w *arg.Walker, argv [][]byte, db int) error {
	var zero A
	c.args = zero
	w.Decode(argv, db)
	c.row.walk(&c.args, w)
	return w.Err()
}

func (c *sessionCall[S, A, R]) Encode(w *arg.Walker) [][]byte {
	w.Encode()
	c.row.walk(&c.args, w)
	return w.Encoded()
}

func (c *sessionCall[S, A, R]) Serve(s S, out *wire.Writer) error {
	r, err := c.row.op(s, c.args)
	if err == nil {
		c.row.reply.Put(out, r)
	}
	return err
}
