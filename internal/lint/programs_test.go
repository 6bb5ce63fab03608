package lint

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	// program matches a whole program in a document.
	program = regexp.MustCompile("(?s)```go\n(package main\n.*?)```")
	// printed matches what a line of a program says that it prints.
	printed = regexp.MustCompile(`(?m)^\s*fmt\.Print.*\) // (.*)$`)
)

// TestReadmePrograms runs the programs of the README: they print what the comments
// behind their Println say, and fit a screen.
func TestReadmePrograms(t *testing.T) {
	found := program.FindAllStringSubmatch(readFile(t, "README.md"), -1)
	require.NotEmpty(t, found)
	for i, m := range found {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			require.LessOrEqual(t, strings.Count(m[1], "\n"), 48, "a screen")
			var want string
			for _, line := range printed.FindAllStringSubmatch(m[1], -1) {
				want += line[1] + "\n"
			}
			require.NotEmpty(t, want)
			file := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(file, []byte(m[1]), 0o600))
			run := exec.Command("go", "run", file)
			run.Dir = root
			out, err := run.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Equal(t, want, string(out))
		})
	}
}
