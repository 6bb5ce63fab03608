package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

// KeyArgs is a key alone.
type KeyArgs struct{ Key engine.Key }

func (a *KeyArgs) read(w *arg.Walker)  { w.Key(&a.Key, arg.RO|arg.Access) }
func (a *KeyArgs) probe(w *arg.Walker) { w.Key(&a.Key, arg.RO) }
func (a *KeyArgs) take(w *arg.Walker)  { w.Key(&a.Key, arg.RW|arg.Access|arg.Delete) }

// KeysArgs is one key or more.
type KeysArgs struct{ Keys []engine.Key }

func (a *KeysArgs) read(w *arg.Walker)  { w.KeyList(&a.Keys, arg.RO|arg.Access, 0) }
func (a *KeysArgs) probe(w *arg.Walker) { w.KeyList(&a.Keys, arg.RO, 0) }
func (a *KeysArgs) del(w *arg.Walker)   { w.KeyList(&a.Keys, arg.RM|arg.Delete, 0) }

// NoArgs is the argument struct of a command without arguments.
type NoArgs struct{}

// Walk reads nothing.
func (*NoArgs) Walk(*arg.Walker) {}

// RestArgs takes whatever arguments there are and looks at none (QUIT).
type RestArgs struct {
	has   bool
	words [][]byte
}

// Walk reads them.
func (a *RestArgs) Walk(w *arg.Walker) {
	if w.Maybe(&a.has) {
		w.List("ignored", &a.words)
	}
}

// ContainerArgs are the arguments of a container, which is never called itself.
type ContainerArgs struct{ words [][]byte }

// Walk reads them.
func (a *ContainerArgs) Walk(w *arg.Walker) { w.List("subcommand", &a.words) }
