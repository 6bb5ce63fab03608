package server

import (
	"bytes"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/wire"
)

// Errors of COMMAND GETKEYS, with Redis's texts.
var (
	errNoCommand = arg.Errf("Invalid command specified")
	errNoKeys    = arg.Errf("The command has no key arguments")
	errKeysArity = arg.Errf("Invalid number of arguments specified for command")
	errKeysArgs  = arg.Errf("Invalid arguments specified for command")
)

// usedKey is a key of a command line and how the command uses it.
type usedKey struct {
	at    int
	flags arg.KeyFlags
}

// commandKeys answers COMMAND GETKEYS and GETKEYSANDFLAGS for a command line.
func (c *conn) commandKeys(argv [][]byte, flags bool) (written, error) {
	n := c.srv.table.FindBytes(argv[0])
	if n != nil && n.Subs != nil && len(argv) > 1 {
		n = n.FindBytes(argv[1])
	}
	switch {
	case n == nil:
		return nil, errNoCommand
	case len(n.Spec.Keys) == 0:
		return nil, errNoKeys
	case !n.Spec.Fits(len(argv)):
		return nil, errKeysArity
	}
	keys := c.keysIn(n, argv)
	if len(keys) == 0 {
		return nil, errKeysArgs
	}
	return func(w *wire.Writer) {
		w.Array(len(keys))
		for _, k := range keys {
			if flags {
				w.Array(2)
			}
			w.Bulk(argv[k.at])
			if flags {
				putWords(w, k.flags.Names(), "")
			}
		}
	}, nil
}

// keysIn finds the keys by the command's key specs, or, where they do not tell
// all, by decoding the arguments.
func (c *conn) keysIn(n *command.Named, argv [][]byte) []usedKey {
	var keys []usedKey
	for i := range n.Spec.Keys {
		k := &n.Spec.Keys[i]
		if k.Unknown {
			return c.decodedKeys(n, argv)
		}
		at, ok := k.Find(argv)
		if !ok {
			return nil
		}
		for _, p := range at {
			keys = append(keys, usedKey{p, usedFlags(k.Flags, argv)})
		}
	}
	return keys
}

// decodedKeys are the keys of a command that has unknown ones behind its first.
func (c *conn) decodedKeys(n *command.Named, argv [][]byte) []usedKey {
	var w arg.Walker
	words := n.Meta().Words()
	if n.NewCall().Decode(&w, argv[words:], 0) != nil {
		return nil
	}
	var keys []usedKey
	for i, p := range w.KeyPositions() {
		spec := n.Spec.Keys[0]
		if i > 0 {
			spec = n.Spec.Keys[len(n.Spec.Keys)-1]
		}
		keys = append(keys, usedKey{p + words, spec.Flags})
	}
	return keys
}

// usedFlags settles flags that depend on the arguments: SET reads only with GET.
func usedFlags(f arg.KeyFlags, argv [][]byte) arg.KeyFlags {
	if f&arg.VariableFlags == 0 {
		return f
	}
	for _, a := range argv[3:] {
		if bytes.EqualFold(a, []byte("GET")) {
			return arg.RW | arg.Access | arg.Update
		}
	}
	return arg.OW | arg.Update
}
