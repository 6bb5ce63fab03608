package server

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/wire"
)

// documentCommands writes COMMAND DOCS: all commands, or those named; names that
// are no command's are left out.
func (c *conn) documentCommands(names [][]byte) written {
	list := c.srv.table.Top()
	if len(names) > 0 {
		list = nil
		for _, name := range names {
			if n := c.lookup(name); n != nil {
				list = append(list, n)
			}
		}
	}
	return func(w *wire.Writer) { putDocs(w, list) }
}

func putDocs(w *wire.Writer, list []*command.Named) {
	w.Map(len(list))
	for _, n := range list {
		w.BulkString(n.Meta().Name)
		putDoc(w, n)
	}
}

func putDoc(w *wire.Writer, n *command.Named) {
	m, subs := n.Meta(), n.Sorted()
	fields := 3
	if len(n.Spec.Arguments) > 0 && len(subs) == 0 {
		fields++
	}
	if len(subs) > 0 {
		fields++
	}
	w.Map(fields)
	w.BulkString("summary")
	w.BulkString(m.Summary)
	w.BulkString("since")
	w.BulkString(m.Since)
	w.BulkString("group")
	w.BulkString(m.Group)
	if len(n.Spec.Arguments) > 0 && len(subs) == 0 {
		w.BulkString("arguments")
		putArguments(w, n.Spec.Arguments)
	}
	if len(subs) > 0 {
		w.BulkString("subcommands")
		putDocs(w, subs)
	}
}

func putArguments(w *wire.Writer, list []arg.Argument) {
	w.Array(len(list))
	for i := range list {
		putArgument(w, &list[i])
	}
}

// putArgument writes a node of the tree: only the fields that say something.
func putArgument(w *wire.Writer, a *arg.Argument) {
	var flags []string
	if a.Optional {
		flags = append(flags, "optional")
	}
	if a.Multiple {
		flags = append(flags, "multiple")
	}
	if a.MultipleToken {
		flags = append(flags, "multiple_token")
	}
	fields := 2
	for _, there := range []bool{a.Type == "key", a.Token != "", len(flags) > 0, len(a.Arguments) > 0} {
		if there {
			fields++
		}
	}
	w.Map(fields)
	w.BulkString("name")
	w.BulkString(a.Name)
	w.BulkString("type")
	w.BulkString(a.Type)
	if a.Type == "key" {
		w.BulkString("key_spec_index")
		w.Int(int64(a.KeySpec))
	}
	if a.Token != "" {
		w.BulkString("token")
		w.BulkString(a.Token)
	}
	if len(flags) > 0 {
		w.BulkString("flags")
		putWords(w, flags, "")
	}
	if len(a.Arguments) > 0 {
		w.BulkString("arguments")
		putArguments(w, a.Arguments)
	}
}
