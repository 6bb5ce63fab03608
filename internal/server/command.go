package server

import (
	"slices"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/glob"
	"github.com/residedb/reside/internal/wire"
)

// written is a reply that knows how to write itself.
type written func(*wire.Writer)

var writeItself = reply.Codec[written]{Put: func(w *wire.Writer, f written) { f(w) }}

func commandInfo(name, since, summary string) command.Info {
	return command.Info{Name: name, Group: "server", Since: since, Flags: command.Loading | command.Stale, ACL: "connection", Summary: summary}
}

func commandRows() []command.Command {
	return []command.Command{
		define(commandInfo("command", "2.8.13", "Describes all commands."), (*command.RestArgs).Walk,
			func(c *conn, _ command.RestArgs) (written, error) { return c.describeCommands(nil), nil }, &writeItself),
		define(commandInfo("command|count", "2.8.13", "Counts the commands."), (*command.NoArgs).Walk,
			func(c *conn, _ command.NoArgs) (int64, error) { return int64(len(c.srv.table.Top())), nil }, &reply.Int),
		define(commandInfo("command|info", "2.8.13", "Describes some commands, or all."), (*namesArgs).walk,
			func(c *conn, a namesArgs) (written, error) { return c.describeCommands(a.names), nil }, &writeItself),
		define(commandInfo("command|docs", "7.0.0", "Documents some commands, or all."), (*namesArgs).walk,
			func(c *conn, a namesArgs) (written, error) { return c.documentCommands(a.names), nil }, &writeItself),
		define(commandInfo("command|list", "7.0.0", "Lists the names of the commands."), (*filterArgs).walk, (*conn).listCommands, &reply.Bulks),
		define(commandInfo("command|getkeys", "2.8.13", "Extracts the keys of a full command."), (*fullArgs).walk,
			func(c *conn, a fullArgs) (written, error) { return c.commandKeys(a.words, false) }, &writeItself),
		define(commandInfo("command|getkeysandflags", "7.0.0", "Extracts the keys of a full command and how each is used."), (*fullArgs).walk,
			func(c *conn, a fullArgs) (written, error) { return c.commandKeys(a.words, true) }, &writeItself),
		define(commandInfo("command|help", "5.0.0", "Lists the subcommands."), (*command.NoArgs).Walk, commandHelp, &reply.Lines),
	}
}

// namesArgs are names of commands; none stands for all.
type namesArgs struct {
	has   bool
	names [][]byte
}

func (a *namesArgs) walk(w *arg.Walker) {
	if w.Maybe(&a.has) {
		w.List("command-name", &a.names)
	}
}

// fullArgs are a command with its arguments.
type fullArgs struct{ words [][]byte }

func (a *fullArgs) walk(w *arg.Walker) { w.List("command", &a.words) }

// lookup finds a command by a name as "get" or "config|set".
func (c *conn) lookup(name []byte) *command.Named {
	parent, sub, isSub := strings.Cut(lower(name), "|")
	n := c.srv.table.Find(parent)
	if n != nil && isSub {
		return n.Subs[sub]
	}
	return n
}

// describeCommands writes COMMAND INFO: all commands, or those named, null for
// what is none.
func (c *conn) describeCommands(names [][]byte) written {
	return func(w *wire.Writer) {
		if len(names) == 0 {
			all := c.srv.table.Top()
			w.Array(len(all))
			for _, n := range all {
				putCommand(w, n)
			}
			return
		}
		w.Array(len(names))
		for _, name := range names {
			if n := c.lookup(name); n != nil {
				putCommand(w, n)
			} else {
				w.Null()
			}
		}
	}
}

func putCommand(w *wire.Writer, n *command.Named) {
	m := n.Meta()
	first, last, step, _ := n.KeyRange()
	w.Array(10)
	w.BulkString(m.Name)
	w.Int(int64(n.Spec.Arity))
	putWords(w, n.ShownFlags(), "")
	w.Int(int64(first))
	w.Int(int64(last))
	w.Int(int64(step))
	putWords(w, m.Categories(), "@")
	w.Set(0)
	w.Set(len(n.Spec.Keys))
	for i := range n.Spec.Keys {
		putKeySpec(w, &n.Spec.Keys[i])
	}
	subs := n.Sorted()
	w.Array(len(subs))
	for _, sub := range subs {
		putCommand(w, sub)
	}
}

func putWords(w *wire.Writer, words []string, before string) {
	w.Set(len(words))
	for _, word := range words {
		w.SimpleString(before + word)
	}
}

func putKeySpec(w *wire.Writer, k *arg.KeySpec) {
	w.Map(3)
	w.BulkString("flags")
	putWords(w, k.Flags.Names(), "")
	if k.Unknown {
		putSearch(w, "begin_search", "unknown")
		putSearch(w, "find_keys", "unknown")
		return
	}
	putSearch(w, "begin_search", "index", "index", k.Begin)
	if k.Num {
		putSearch(w, "find_keys", "keynum", "keynumidx", 0, "firstkey", 1, "keystep", k.Step)
	} else {
		putSearch(w, "find_keys", "range", "lastkey", k.Last, "keystep", k.Step, "limit", 0)
	}
}

// putSearch writes one half of a key spec; spec is names and numbers in turn.
func putSearch(w *wire.Writer, name, kind string, spec ...any) {
	w.BulkString(name)
	w.Map(2)
	w.BulkString("type")
	w.BulkString(kind)
	w.BulkString("spec")
	w.Map(len(spec) / 2)
	for i := 0; i < len(spec); i += 2 {
		w.BulkString(spec[i].(string))
		w.Int(int64(spec[i+1].(int)))
	}
}

// filterArgs say which names COMMAND LIST returns.
type filterArgs struct {
	has                     bool
	module, category, match bool
	value                   []byte
}

func (a *filterArgs) walk(w *arg.Walker) {
	if !w.Maybe(&a.has) {
		return
	}
	if w.Describing() {
		a.describe(w)
		return
	}
	w.Token("FILTERBY")
	switch {
	case w.OptionOf("MODULE", 1, &a.module):
		w.Bytes("module-name", &a.value)
	case w.OptionOf("ACLCAT", 1, &a.category):
		w.Bytes("category", &a.value)
	case w.OptionOf("PATTERN", 1, &a.match):
		w.Bytes("pattern", &a.value)
	case w.Decoding():
		w.Fail(arg.ErrSyntax)
	}
}

func (a *filterArgs) describe(w *arg.Walker) {
	w.Option("FILTERBY", &a.has)
	w.Begin("filterby", "oneof")
	w.Option("MODULE", &a.module)
	w.Bytes("module-name", &a.value)
	w.Option("ACLCAT", &a.category)
	w.Bytes("category", &a.value)
	w.Option("PATTERN", &a.match)
	w.As("pattern")
	w.Bytes("pattern", &a.value)
	w.End()
}

func (a *filterArgs) fits(m *command.Info) bool {
	switch {
	case a.module:
		return false
	case a.category:
		return slices.Contains(m.Categories(), lower(a.value))
	case a.match:
		return glob.MatchFold(a.value, []byte(m.Name))
	}
	return true
}

func (c *conn) listCommands(a filterArgs) ([][]byte, error) {
	names := [][]byte{}
	for _, n := range c.srv.table.All() {
		if m := n.Meta(); a.fits(m) {
			names = append(names, []byte(m.Name))
		}
	}
	return names, nil
}

func commandHelp(*conn, command.NoArgs) ([]string, error) {
	return command.Help("COMMAND",
		"(no subcommand)", "    Return details about all Redis commands.",
		"COUNT", "    Return the total number of commands in this Redis server.",
		"LIST", "    Return a list of all commands in this Redis server.",
		"INFO [<command-name> ...]", "    Return details about multiple Redis commands.", "    If no command names are given, documentation details for all", "    commands are returned.",
		"DOCS [<command-name> ...]", "    Return documentation details about multiple Redis commands.", "    If no command names are given, documentation details for all", "    commands are returned.",
		"GETKEYS <full-command>", "    Return the keys from a full Redis command.",
		"GETKEYSANDFLAGS <full-command>", "    Return the keys and the access flags from a full Redis command."), nil
}
