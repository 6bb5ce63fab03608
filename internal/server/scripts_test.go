package server

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// TestEveryRowInAScript finds rows that no script calls. What a script sends counts
// even where the reply is an error: the order of checks is part of a command.
func TestEveryRowInAScript(t *testing.T) {
	called := map[string]bool{}
	paths, err := filepath.Glob("../command/testdata/*.script")
	require.NoError(t, err)
	for _, path := range paths {
		f, err := script.Parse(path)
		require.NoError(t, err)
		for _, c := range f.Cases {
			for _, s := range c.Steps {
				if len(s.Send) > 0 {
					called[strings.ToLower(s.Send[0])] = true
				}
				if len(s.Send) > 1 {
					called[strings.ToLower(s.Send[0]+"|"+s.Send[1])] = true
				}
			}
		}
	}
	for _, n := range newTable().All() {
		assert.True(t, called[n.Meta().Name], "%s is in no script", n.Meta().Name)
	}
}
