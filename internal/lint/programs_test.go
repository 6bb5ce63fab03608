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
	// tests matches a file of tests in a document.
	tests = regexp.MustCompile("(?s)```go\n(package [^\n]*\n[^`]*\nfunc Test.*?)```")
	// program matches a whole program in a document.
	program = regexp.MustCompile("(?s)```go\n(package main\n.*?)```")
	// printed matches what a line of a program says that it prints.
	printed = regexp.MustCompile(`(?m)^\s*fmt\.Print.*\) // (.*)$`)
)

const screen = 48 // lines

// TestReadmePrograms runs the programs of the README: they print what the comments
// behind their Println say, and fit a screen.
func TestReadmePrograms(t *testing.T) {
	found := program.FindAllStringSubmatch(readFile(t, "README.md"), -1)
	require.NotEmpty(t, found)
	for i, m := range found {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			require.LessOrEqual(t, strings.Count(m[1], "\n"), screen)
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

// TestReadmeTests runs the tests of the README: they pass, and fit a screen.
func TestReadmeTests(t *testing.T) {
	found := tests.FindAllStringSubmatch(readFile(t, "README.md"), -1)
	require.NotEmpty(t, found)
	for i, m := range found {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			require.LessOrEqual(t, strings.Count(m[1], "\n"), screen)
			file := filepath.Join(t.TempDir(), "readme_test.go")
			require.NoError(t, os.WriteFile(file, []byte(m[1]), 0o600))
			run := exec.Command("go", "test", "-v", file)
			run.Dir = root
			out, err := run.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Contains(t, string(out), "--- PASS: Test")
		})
	}
}
