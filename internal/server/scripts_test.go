package server

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/script"
)

// scriptLines are the command lines of all scripts.
func scriptLines(t *testing.T) (lines [][]string) {
	paths, err := filepath.Glob("../command/testdata/*.script")
	require.NoError(t, err)
	own, err := filepath.Glob("testdata/*.script")
	require.NoError(t, err)
	for _, path := range append(paths, own...) {
		f, err := script.Parse(path)
		require.NoError(t, err)
		for _, c := range f.Cases {
			for _, s := range c.Steps {
				if len(s.Send) > 0 {
					lines = append(lines, s.Send)
				}
			}
		}
	}
	return lines
}

// TestEveryRowInAScript finds rows that no script calls. What a script sends counts
// even where the reply is an error: the order of checks is part of a command.
func TestEveryRowInAScript(t *testing.T) {
	called := map[string]bool{}
	for _, line := range scriptLines(t) {
		called[strings.ToLower(line[0])] = true
		if len(line) > 1 {
			called[strings.ToLower(line[0]+"|"+line[1])] = true
		}
	}
	for _, n := range newTable().All() {
		assert.True(t, called[n.Meta().Name], "%s is in no script", n.Meta().Name)
	}
}

// TestSessionDecodeEncodeDecode holds the rows about connections to what package
// command holds its own to: decoding what was encoded gives the same arguments.
func TestSessionDecodeEncodeDecode(t *testing.T) {
	table, decoded := newTable(), 0
	for _, line := range scriptLines(t) {
		n, words := table.FindBytes([]byte(line[0])), [][]byte{}
		for _, w := range line[1:] {
			words = append(words, []byte(w))
		}
		if n != nil && n.Subs != nil && len(words) > 0 {
			n, words = n.FindBytes(words[0]), words[1:]
		}
		if n == nil || !n.Spec.Fits(n.Meta().Words()+len(words)) {
			continue
		}
		first, second := n.NewCall(), n.NewCall()
		if _, keyed := first.(command.Keyed); keyed || first.Decode(new(arg.Walker), words, 0) != nil {
			continue
		}
		again := first.Encode(new(arg.Walker))
		require.NoError(t, second.Decode(new(arg.Walker), again, 0), "%q became %q", line, again)
		require.Equal(t, first, second, "%q became %q", line, again)
		decoded++
	}
	require.NotZero(t, decoded)
}
