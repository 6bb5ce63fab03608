package command

import (
	"maps"
	"slices"
	"strings"

	"github.com/residedb/reside/internal/command/arg"
)

// Table finds commands by name.
type Table struct {
	names map[string]*Named
	list  []*Named
}

// Named is a command in a table.
type Named struct {
	Command
	ID   int // its place in the table
	Spec *arg.Spec
	Subs map[string]*Named // of a container
	info *Info
}

// Meta returns what was declared.
func (n *Named) Meta() *Info { return n.info }

// Rows are all commands on data. A server adds its own about connections.
func Rows() []Command {
	var all []Command
	for _, family := range [][]Command{stringRows(), hashRows(), listRows(), setRows(), zsetRows(), keyRows()} {
		all = append(all, family...)
	}
	return all
}

// NewTable describes the rows and makes them ready to be found.
func NewTable(rows []Command) *Table {
	t := &Table{names: make(map[string]*Named, len(rows))}
	for _, r := range rows {
		n := &Named{Command: r, ID: len(t.list), Spec: r.Spec(), info: r.Meta()}
		t.list = append(t.list, n)
		parent, sub, ok := strings.Cut(r.Meta().Name, "|")
		if !ok {
			t.names[parent] = n
			continue
		}
		if t.names[parent].Subs == nil {
			t.names[parent].Subs = map[string]*Named{}
		}
		t.names[parent].Subs[sub] = n
	}
	return t
}

// Len is how many commands and subcommands there are.
func (t *Table) Len() int { return len(t.list) }

// All are the commands and subcommands in the order of the rows.
func (t *Table) All() []*Named { return t.list }

// Top are the commands without their subcommands, in the order of the rows.
func (t *Table) Top() []*Named {
	var top []*Named
	for _, n := range t.list {
		if n.Meta().Words() == 1 {
			top = append(top, n)
		}
	}
	return top
}

// Sorted are the subcommands in the order of their names.
func (n *Named) Sorted() []*Named {
	list := slices.Collect(maps.Values(n.Subs))
	slices.SortFunc(list, func(a, b *Named) int { return strings.Compare(a.Meta().Name, b.Meta().Name) })
	return list
}

// Find looks a command up by its lower-case name.
func (t *Table) Find(name string) *Named { return t.names[name] }

// FindBytes looks up by the bytes of a name in any case, without allocating.
func (t *Table) FindBytes(b []byte) *Named { return findFold(t.names, b) }

// FindBytes looks up a subcommand.
func (n *Named) FindBytes(b []byte) *Named { return findFold(n.Subs, b) }

// Is reports whether the word, in any case, is the command's whole name.
func (n *Named) Is(word []byte) bool {
	name := n.info.Name
	if len(word) != len(name) {
		return false
	}
	for i, c := range word {
		if c != name[i] && lowerByte(c) != name[i] {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func findFold(m map[string]*Named, b []byte) *Named {
	var low [32]byte
	if len(b) > len(low) {
		return nil
	}
	for i, c := range b {
		low[i] = lowerByte(c)
	}
	return m[string(low[:len(b)])]
}
