package command_test

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/script"
)

// Decoding what was encoded gives the same arguments: a row's one walk reads and
// writes alike. The lines are those of the scripts and random ones.
func TestDecodeEncodeDecode(t *testing.T) {
	table := command.NewTable(command.Rows())
	decoded := map[string]int{}
	try := func(line []string) {
		n, words := found(table, line)
		if n != nil && n.Spec.Fits(len(line)) && stable(t, n, words) {
			decoded[n.Meta().Name]++
		}
	}
	paths, err := filepath.Glob("testdata/*.script")
	require.NoError(t, err)
	for _, path := range paths {
		f, err := script.Parse(path)
		require.NoError(t, err)
		for _, c := range f.Cases {
			for _, s := range c.Steps {
				try(s.Send)
			}
		}
	}
	l := liner{Rand: rand.New(rand.NewPCG(1, 2))}
	for _, n := range table.All() {
		for range 300 {
			try(l.make(n))
		}
	}
	for _, n := range table.All() {
		require.True(t, n.Subs != nil || decoded[n.Meta().Name] > 0, "no line of %s decodes", n.Meta().Name)
	}
}

// found is the row of a line and the words behind its name.
func found(table *command.Table, line []string) (*command.Named, [][]byte) {
	if len(line) == 0 {
		return nil, nil
	}
	n, at := table.Find(strings.ToLower(line[0])), 1
	if n != nil && n.Subs != nil && len(line) > 1 {
		n, at = n.Subs[strings.ToLower(line[1])], 2
	}
	if n == nil {
		return nil, nil
	}
	var words [][]byte
	for _, w := range line[at:] {
		words = append(words, []byte(w))
	}
	return n, words
}

// stable decodes the words, encodes, decodes again and compares. It reports whether
// the words decode at all.
func stable(t *testing.T, n *command.Named, words [][]byte) bool {
	first, second := n.NewCall(), n.NewCall()
	if first.Decode(new(arg.Walker), words, 0) != nil || spoilt(first) {
		return false
	}
	again := first.Encode(new(arg.Walker))
	require.NoError(t, second.Decode(new(arg.Walker), again, 0), "%s %q became %q", n.Meta().Name, words, again)
	require.Equal(t, first, second, "%s %q became %q", n.Meta().Name, words, again)
	return true
}

// spoilt reports whether the arguments hold an error for the op to return.
func spoilt(c command.Call) bool {
	bad := reflect.ValueOf(c).Elem().FieldByName("args").FieldByName("bad")
	return bad.IsValid() && !bad.IsNil()
}
