package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// Memory is the container MEMORY. Its subcommands about the process belong to the
// server.
var Memory = define(Info{"memory", "server", "4.0.0", 0, "", "A container for commands about memory."},
	(*ContainerArgs).Walk, func(*engine.Tx, ContainerArgs) (r reply.None, err error) { return r, arg.ErrSyntax }, &reply.OK)

// UsageArgs are a key and how many elements would have to be looked at; here the
// size is always known.
type UsageArgs struct {
	Key     engine.Key
	Samples int64
	has     bool
}

func (a *UsageArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RO)
	for w.Options() {
		if w.OptionOf("SAMPLES", 1, &a.has) {
			w.Int("count", &a.Samples)
			if w.Decoding() && a.Samples < 0 {
				w.Fail(arg.ErrSyntax)
			}
		}
	}
}

// MemoryUsage is MEMORY USAGE.
var MemoryUsage = define(Info{"memory|usage", "server", "4.0.0", ReadOnly, "", "Estimates how much memory a key and its value take."},
	(*UsageArgs).walk, func(tx *engine.Tx, a UsageArgs) (MaybeInt, error) {
		e, err := tx.Peek(a.Key)
		if e == nil {
			return MaybeInt{}, err
		}
		return MaybeInt{e.Memory(), true}, nil
	}, &maybeInt)
