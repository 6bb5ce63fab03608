package lint

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// required matches a module that a go.mod asks for itself.
var required = regexp.MustCompile(`(?m)^(?:require )?\t?([^\s/]+\.[^\s]+) v\S+$`)

// language matches the Go version that importers need. A patch version would force
// them up for nothing.
var language = regexp.MustCompile(`(?m)^go 1\.\d+\.0$`)

// TestRequirements keeps the library's go.mod small: everything else lives in the
// modules below it.
func TestRequirements(t *testing.T) {
	text := readFile(t, "go.mod")
	allowed := []string{
		"github.com/google/btree", "github.com/cespare/xxhash/v2", "github.com/vmihailenco/msgpack/v5", "github.com/klauspost/compress",
		"github.com/stretchr/testify", "github.com/anishathalye/porcupine", "go.uber.org/goleak", // tests
	}
	all := required.FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, all)
	for _, m := range all {
		require.Contains(t, allowed, m[1])
	}
	require.Contains(t, text, "\ngo 1.25.0\n")
}

// TestModules holds the modules together: each is in go.work and takes the library
// from this tree.
func TestModules(t *testing.T) {
	work := readFile(t, "go.work")
	require.Regexp(t, language, work)
	walkTree(t, func(name string) {
		if path.Base(name) != "go.mod" || name == "go.mod" {
			return
		}
		text := readFile(t, name)
		require.Regexp(t, language, text, name)
		require.Contains(t, work, "\t./"+path.Dir(name)+"\n")
		up := strings.Repeat("../", strings.Count(name, "/"))
		require.Contains(t, text, "\nreplace "+module+" => "+up+"\n", name)
	})
}
