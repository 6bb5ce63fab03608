package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// MaybeInt is an integer, or none.
type MaybeInt struct {
	N  int64
	OK bool
}

var maybeInt = reply.Codec[MaybeInt]{Put: func(w *wire.Writer, r MaybeInt) {
	if r.OK {
		w.Int(r.N)
	} else {
		w.Null()
	}
}}

// Object is the container OBJECT.
var Object = define(Info{"object", "generic", "2.2.3", 0, "", "A container for commands that look at how a value is kept."},
	(*ContainerArgs).Walk, func(*engine.Tx, ContainerArgs) (r reply.None, err error) { return r, arg.ErrSyntax }, &reply.OK)

func (a *KeyArgs) look(w *arg.Walker) { w.Key(&a.Key, arg.RO) }

// ObjectEncoding is OBJECT ENCODING.
var ObjectEncoding = define(Info{"object|encoding", "generic", "2.2.3", ReadOnly, "keyspace", "Tells how a value is kept in memory."},
	(*KeyArgs).look, func(tx *engine.Tx, a KeyArgs) ([]byte, error) {
		e, err := tx.Look(a.Key)
		if e == nil {
			return nil, err
		}
		return []byte(e.Encoding()), nil
	}, &reply.Bulk)

func objectRow(name, since, summary string, f func(tx *engine.Tx, e *engine.Entry) (int64, error)) *Row[KeyArgs, MaybeInt] {
	return define(Info{"object|" + name, "generic", since, ReadOnly, "keyspace", summary}, (*KeyArgs).look,
		func(tx *engine.Tx, a KeyArgs) (MaybeInt, error) {
			e, err := tx.Look(a.Key)
			if e == nil {
				return MaybeInt{}, err
			}
			n, err := f(tx, e)
			return MaybeInt{n, true}, err
		}, &maybeInt)
}

// The commands that look at how a value is used.
var (
	ObjectRefCount = objectRow("refcount", "2.2.3", "Tells how many references a value has.",
		func(tx *engine.Tx, e *engine.Entry) (int64, error) { return references(tx.Engine().Config(), e), nil })
	ObjectIdleTime = objectRow("idletime", "2.2.3", "Tells for how many seconds a value was not used.",
		func(tx *engine.Tx, e *engine.Entry) (int64, error) {
			if tx.Engine().Config().Policy.LFU() {
				return 0, arg.Errf("An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
			}
			return e.Idle(tx.Now()), nil
		})
	ObjectFreq = objectRow("freq", "4.0.0", "Tells how often a value is used, as a logarithmic counter.",
		func(tx *engine.Tx, e *engine.Entry) (int64, error) {
			if !tx.Engine().Config().Policy.LFU() {
				return 0, arg.Errf("An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
			}
			return int64(tx.Freq(e)), nil
		})
)

// references is what Redis would count: it shares the objects of small integers,
// unless a policy has to tell their uses apart.
func references(c *engine.Config, e *engine.Entry) int64 {
	n, ok := arg.ParseInt(e.Bytes())
	if ok && 0 <= n && n < 10000 && e.Encoding() == "int" && (c.MaxMemory == 0 || !c.Policy.TracksUse()) {
		return math.MaxInt32
	}
	return 1
}

// ObjectHelp is OBJECT HELP.
var ObjectHelp = define(Info{"object|help", "generic", "6.2.0", Loading | Stale, "keyspace", "Lists the subcommands."},
	(*NoArgs).Walk, func(*engine.Tx, NoArgs) ([]string, error) {
		return Help("OBJECT",
			"ENCODING <key>", "    Return the kind of internal representation used in order to store the value", "    associated with a <key>.",
			"FREQ <key>", "    Return the access frequency index of the <key>. The returned integer is", "    proportional to the logarithm of the recent access frequency of the key.",
			"IDLETIME <key>", "    Return the idle time of the <key>, that is the approximated number of", "    seconds elapsed since the last access to the key.",
			"REFCOUNT <key>", "    Return the number of references of the value associated with the specified", "    <key>."), nil
	}, &reply.Lines)

// Help is the reply of a HELP subcommand.
func Help(name string, lines ...string) []string {
	all := append([]string{name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}, lines...)
	return append(all, "HELP", "    Prints this help.")
}
