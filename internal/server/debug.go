package server

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// errDebugOff is Redis's text, word for word, as clients look for it.
var errDebugOff = arg.Errf("DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, " +
	"otherwise you need to set this option in the configuration file, and then restart the server.")

func debugRows() []command.Command {
	return []command.Command{
		define(command.Info{Name: "debug", Group: "server", Since: "1.0.0",
			Flags:   command.Admin | command.NoScript | command.Loading | command.Stale | command.Protected | command.WholeStore,
			Summary: "A container for commands that look inside and provoke."}, (*debugArgs).walk, (*conn).debug, &writeItself),
	}
}

type debugArgs struct{ words [][]byte }

func (a *debugArgs) walk(w *arg.Walker) { w.List("subcommand", &a.words) }

// debugCommand is a subcommand of DEBUG with the number of its arguments.
type debugCommand struct {
	min, max int
	// nil for what begins transactions of its own
	run func(c *conn, tx *engine.Tx, args [][]byte) (written, error)
}

func (c *conn) debugCommand(name []byte) (debugCommand, bool) {
	switch lower(name) {
	case "reload":
		return debugCommand{0, 3, nil}, true
	case "loadaof":
		return debugCommand{0, 0, nil}, true
	case "sleep":
		return debugCommand{1, 1, debugSleep}, true
	case "object":
		return debugCommand{1, 2, debugObject}, true
	case "set-active-expire":
		return debugCommand{1, 1, debugActiveExpire}, true
	case "protocol":
		return debugCommand{1, 1, debugProtocol}, true
	case "digest":
		return debugCommand{0, 0, debugDigest}, true
	case "digest-value":
		return debugCommand{0, maxArgs, debugDigestValue}, true
	case "htstats-key":
		return debugCommand{1, 2, debugTable}, true
	case "quicklist-packed-threshold":
		return debugCommand{1, 1, debugThreshold}, true
	case "populate":
		return debugCommand{1, 3, debugPopulate}, true
	case "error":
		return debugCommand{1, 1, debugError}, true
	case "help":
		return debugCommand{0, 0, debugHelp}, true
	}
	return debugCommand{}, false
}

const maxArgs = 1 << 30

func (c *conn) debug(a debugArgs) (reply written, err error) {
	d, known := c.debugCommand(a.words[0])
	if n := len(a.words) - 1; !known || n < d.min || n > d.max {
		return nil, arg.Errf("unknown subcommand or wrong number of arguments for '%s'. Try DEBUG HELP.", a.words[0])
	}
	if d.run == nil {
		return c.debugReload()
	}
	c.whole(func(tx *engine.Tx) { reply, err = d.run(c, tx, a.words[1:]) })
	return reply, err
}

// debugReload is DEBUG RELOAD, and LOADAOF: what is saved is read back and takes the
// place of what there is. It saves itself, so its options, which say what to do about
// what differs, have nothing to decide.
func (c *conn) debugReload() (written, error) {
	switch {
	case c.srv.keeper == nil:
		return nil, errInMemory
	case c.tx != nil:
		return nil, arg.Errf("DEBUG RELOAD and LOADAOF can not be used in a transaction")
	}
	c.shift.handOver()
	return okReply, saveError(c.srv.keeper.Reload(c.srv.life))
}

func okReply(w *wire.Writer) { w.SimpleString("OK") }

// debugSleep lets nobody do anything for a while, as a busy server would not.
func debugSleep(c *conn, _ *engine.Tx, args [][]byte) (written, error) {
	seconds, _ := strconv.ParseFloat(string(args[0]), 64)
	timer := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	c.shift.handOver()
	<-timer.C
	return okReply, nil
}

func (c *conn) key(b []byte) engine.Key { return engine.KeyOf(b).In(c.db) }

func debugObject(c *conn, tx *engine.Tx, args [][]byte) (written, error) {
	e, err := tx.Peek(c.key(args[0]))
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, command.ErrNoSuchKey
	}
	text := fmt.Sprintf("Value at:%p refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		e, e.Encoding(), e.Memory(), tx.Now()/1000&(1<<24-1), e.Idle(tx.Now()))
	return func(w *wire.Writer) { w.SimpleString(text) }, nil
}

func debugActiveExpire(_ *conn, tx *engine.Tx, args [][]byte) (written, error) {
	tx.SetActiveExpire(string(args[0]) != "0")
	return okReply, nil
}

func debugDigest(c *conn, tx *engine.Tx, _ [][]byte) (written, error) {
	d, err := datasetDigest(tx, c.srv.eng.Databases())
	return func(w *wire.Writer) { w.SimpleString(hex.EncodeToString(d[:])) }, err
}

func debugDigestValue(c *conn, tx *engine.Tx, args [][]byte) (written, error) {
	digests := make([]digest, len(args))
	for i, name := range args {
		e, err := tx.Peek(c.key(name))
		if err != nil {
			return nil, err
		}
		if e != nil {
			digests[i].value(e)
		}
	}
	return func(w *wire.Writer) {
		w.Array(len(digests))
		for _, d := range digests {
			w.SimpleString(hex.EncodeToString(d[:]))
		}
	}, nil
}

// debugTable describes the hash table of a collection.
func debugTable(c *conn, tx *engine.Tx, args [][]byte) (written, error) {
	e, err := tx.Peek(c.key(args[0]))
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, command.ErrNoSuchKey
	}
	t, ok := e.Object().(interface{ Buckets() int })
	if !ok || t.Buckets() == 0 {
		return nil, arg.Errf("The value stored at the specified key is not represented using an hash table")
	}
	text := fmt.Sprintf("Hash table 0 stats (main hash table):\n table size: %d\n number of elements: %d\n", t.Buckets(), e.Object().Len())
	return func(w *wire.Writer) { w.Verbatim("txt", text) }, nil
}

// debugThreshold takes the size from which Redis keeps an element in a node of its
// own. All sizes are kept alike here, so there is nothing to change.
func debugThreshold(_ *conn, _ *engine.Tx, args [][]byte) (written, error) {
	if n, ok := ParseMemory(string(args[0])); !ok || n > 4<<30 {
		return nil, arg.Errf("argument must be a memory value bigger than 1 and smaller than 4gb")
	}
	return okReply, nil
}

// debugPopulate creates keys that are not there yet.
func debugPopulate(c *conn, tx *engine.Tx, args [][]byte) (written, error) {
	count, ok := arg.ParseInt(args[0])
	if !ok || count < 0 {
		return nil, arg.Errf("value is out of range, must be positive")
	}
	prefix, size := "key", int64(0)
	if len(args) > 1 {
		prefix = string(args[1])
	}
	if len(args) > 2 {
		if size, ok = arg.ParseInt(args[2]); !ok || size < 0 || size > wire.DefaultBulk {
			return nil, arg.Errf("value is out of range, must be positive")
		}
	}
	for i := range count {
		k := c.key(fmt.Appendf(nil, "%s:%d", prefix, i))
		if e, err := tx.Peek(k); err != nil || e != nil {
			continue
		}
		value := fmt.Appendf(nil, "value:%d", i)
		if size > 0 {
			value = append(value, make([]byte, max(size-int64(len(value)), 0))...)[:size]
		}
		if err := tx.PutString(k, value, 0); err != nil {
			return nil, err
		}
	}
	return okReply, nil
}

func debugError(_ *conn, _ *engine.Tx, args [][]byte) (written, error) {
	text := string(args[0])
	return func(w *wire.Writer) { w.Error(text) }, nil
}

func debugHelp(*conn, *engine.Tx, [][]byte) (written, error) {
	lines := command.Help("DEBUG",
		"DIGEST", "    Output a hex signature representing the current DB content.",
		"DIGEST-VALUE <key> [<key> ...]", "    Output a hex signature of the values of all the specified keys.",
		"ERROR <string>", "    Return a Redis protocol error with <string> as message. Useful for clients", "    unit tests to simulate Redis errors.",
		"HTSTATS-KEY <key>", "    Like HTSTATS but for the hash table stored at <key>'s value.",
		"OBJECT <key>", "    Show low level info about `key` and associated value.",
		"LOADAOF", "    Flush the AOF buffers on disk and reload the AOF in memory.",
		"POPULATE <count> [<prefix>] [<size>]", "    Create <count> string keys named key:<num>. If <prefix> is specified then", "    it is used instead of the 'key' prefix.",
		"PROTOCOL <type>", "    Reply with a test value of the specified type. <type> can be: string,", "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,", "    true, false.",
		"RELOAD [option ...]", "    Save the RDB on disk and reload it back to memory.",
		"SET-ACTIVE-EXPIRE <0|1>", "    Setting it to 0 disables expiring keys in background when they are not", "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the", "    default.",
		"QUICKLIST-PACKED-THRESHOLD <size>", "    Sets the threshold for elements to be inserted as plain vs packed nodes",
		"SLEEP <seconds>", "    Stop the server for <seconds>. Decimals allowed.")
	return func(w *wire.Writer) {
		w.Array(len(lines))
		for _, l := range lines {
			w.SimpleString(l)
		}
	}, nil
}

// protocolSamples are the replies of DEBUG PROTOCOL.
func protocolSamples() map[string]written {
	return map[string]written{
		"string":  func(w *wire.Writer) { w.BulkString("Hello World") },
		"integer": func(w *wire.Writer) { w.Int(12345) },
		"double":  func(w *wire.Writer) { w.Double(3.141) },
		"bignum":  func(w *wire.Writer) { w.BigNumber("1234567999999999999999999999999999999") },
		"null":    (*wire.Writer).Null,
		"array":   func(w *wire.Writer) { w.Array(3); w.Int(0); w.Int(1); w.Int(2) },
		"set":     func(w *wire.Writer) { w.Set(3); w.Int(0); w.Int(1); w.Int(2) },
		"map": func(w *wire.Writer) {
			w.Map(3)
			w.Int(0)
			w.Bool(false)
			w.Int(1)
			w.Bool(true)
			w.Int(2)
			w.Bool(false)
		},
		"attrib":   putAttribute,
		"push":     func(w *wire.Writer) { w.Push(2); w.BulkString("server-cpu-usage"); w.Int(42) },
		"verbatim": func(w *wire.Writer) { w.Verbatim("txt", "This is a verbatim\nstring") },
		"true":     func(w *wire.Writer) { w.Bool(true) },
		"false":    func(w *wire.Writer) { w.Bool(false) },
	}
}

func putAttribute(w *wire.Writer) {
	if w.Proto >= 3 {
		w.Attribute(1)
		w.BulkString("key-popularity")
		w.Array(2)
		w.BulkString("key:123")
		w.Int(90)
	}
	w.BulkString("Some real reply following the attribute")
}

func debugProtocol(c *conn, _ *engine.Tx, args [][]byte) (written, error) {
	name := strings.ToLower(string(args[0]))
	sample, known := protocolSamples()[name]
	switch {
	case !known:
		return nil, arg.Errf("Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	case name == "push" && c.out.Proto < 3:
		return nil, arg.Errf("RESP2 is not supported by this command")
	}
	return sample, nil
}
