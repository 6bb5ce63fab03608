package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/invariants"
	"github.com/residedb/reside/internal/wire"
)

// Info is what only a person can know of a command.
type Info struct {
	Name    string // lower case; a subcommand is "container|name"
	Group   string // as COMMAND DOCS has it
	Since   string // the version of Redis that brought it
	Flags   Flags
	ACL     string // categories that do not follow from the flags, separated by commas
	Summary string
}

// Command is a row of the table, whatever its types.
type Command interface {
	Meta() *Info
	Spec() *arg.Spec
	NewCall() Call
}

// Call is one client's use of a row: its arguments are decoded into a struct that
// is used again for the next call. It is a Keyed or a SessionCall.
type Call interface {
	// Decode fills the arguments from the words behind the command's name.
	Decode(w *arg.Walker, argv [][]byte, db int) error
	// Encode lays the arguments out as words behind the command's name, in the
	// walker's memory.
	Encode(w *arg.Walker) [][]byte
}

// Keyed is a call of a command on data.
type Keyed interface {
	Call
	// Run calls the op; after success it writes the reply. The error of an op that
	// has to be run again is engine.ErrRestart, of one that could wait engine.ErrEmpty.
	Run(tx *engine.Tx, out *wire.Writer) error
	// Wait says how a blocking command waits; nil for every other command.
	Wait() *Wait
}

// Wait is how a blocking command waits when it finds nothing.
type Wait struct {
	Timeout float64 // seconds, 0 for ever
	Kind    engine.Kind
	Keys    []engine.Key
	More    []engine.Key           // other keys that the op touches
	Null    func(out *wire.Writer) // the reply where waiting is not possible
}

// Row is a command with arguments A and result R.
type Row[A, R any] struct {
	Info
	walk  func(*A, *arg.Walker)
	op    func(*engine.Tx, A) (R, error)
	reply func(*A) *reply.Codec[R]
	wait  func(*A) *Wait

	together bool // its handles' readers may be in a stripe together
}

// define makes a row whose reply always has one shape.
func define[A, R any](i Info, walk func(*A, *arg.Walker), op func(*engine.Tx, A) (R, error), c *reply.Codec[R]) *Row[A, R] {
	return defineBy(i, walk, op, func(*A) *reply.Codec[R] { return c })
}

// defineBy makes a row whose arguments choose the shape of the reply.
func defineBy[A, R any](i Info, walk func(*A, *arg.Walker), op func(*engine.Tx, A) (R, error), by func(*A) *reply.Codec[R]) *Row[A, R] {
	return &Row[A, R]{Info: i, walk: walk, op: op, reply: by, together: i.readsTogether()}
}

// waiting makes the row blocking: when its op finds nothing (engine.ErrEmpty), the
// caller may wait as the function says.
func waiting[A, R any](r *Row[A, R], wait func(*A) *Wait) *Row[A, R] {
	r.wait = wait
	return r
}

// Meta returns what was declared.
func (r *Row[A, R]) Meta() *Info { return &r.Info }

// Spec describes the arguments.
func (r *Row[A, R]) Spec() *arg.Spec {
	return arg.Describe(r.Words(), func(w *arg.Walker) { r.walk(new(A), w) })
}

// NewCall makes the place for one client's arguments.
func (r *Row[A, R]) NewCall() Call { return &call[A, R]{row: r} }

type call[A, R any] struct {
	row  *Row[A, R]
	args A
}

func (c *call[A, R]) Decode(w *arg.Walker, argv [][]byte, db int) error {
	var zero A
	c.args = zero
	w.Decode(argv, db)
	c.row.walk(&c.args, w)
	return w.Err()
}

func (c *call[A, R]) Run(tx *engine.Tx, out *wire.Writer) error {
	r, err := c.row.run(tx, c.args)
	if err == nil {
		c.row.reply(&c.args).Put(out, r)
	}
	return err
}

func (c *call[A, R]) Encode(w *arg.Walker) [][]byte { return c.row.Encode(w, &c.args) }

func (c *call[A, R]) Wait() *Wait {
	if c.row.wait == nil {
		return nil
	}
	return c.row.wait(&c.args)
}

// run calls the op. In the checked build one that fails after it has changed
// something panics.
func (r *Row[A, R]) run(tx *engine.Tx, a A) (R, error) {
	if r.Flags&(Write|Reads) == Write {
		tx.ToWrite()
	} else {
		tx.ToRead()
	}
	if !invariants.Enabled {
		return r.op(tx, a)
	}
	before := tx.Changes()
	res, err := r.op(tx, a)
	if err != nil && err != engine.ErrRestart && tx.Changes() != before {
		panic("command: " + r.Name + " failed after a change: " + err.Error())
	}
	return res, err
}

// Encode lays the arguments out as words behind the command's name, in the
// walker's memory.
func (r *Row[A, R]) Encode(w *arg.Walker, a *A) [][]byte {
	w.Encode()
	r.walk(a, w)
	return w.Encoded()
}
