package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTopLevel keeps the first thing that a newcomer sees short: no root package, no
// folder but those of the map.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	for _, e := range entries {
		require.Empty(t, stray(e.Name(), e.IsDir()), "at the top level")
	}
	require.NotEmpty(t, stray("cmd", true))
	require.NotEmpty(t, stray("reside.go", false))
	require.NotEmpty(t, stray("store", false))
}

// stray returns the name if it does not belong at the top level. Dot files are the
// tools'.
func stray(name string, folder bool) string {
	folders := []string{"store", "persist", "replicate", "types", "examples", "internal"}
	files := []string{"go.mod", "go.sum", "go.work", "go.work.sum", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
	if strings.HasPrefix(name, ".") || folder && slices.Contains(folders, name) || !folder && slices.Contains(files, name) {
		return ""
	}
	return name
}

func TestLicence(t *testing.T) {
	text := readFile(t, "LICENSE")
	require.True(t, strings.HasPrefix(text, "MIT License\n\nCopyright (c) 2026 The Reside Authors\n"))
	require.Contains(t, text, "Permission is hereby granted, free of charge")
	require.Contains(t, text, "THE SOFTWARE IS PROVIDED \"AS IS\"")
}

// foreign are words about how the project is made and not about what it is, and
// what is left open. The bar, which is taken out, keeps the list from finding itself.
func foreign() []string {
	list := []string{
		"/w|ork/", "/r|oot/",
		"i|ssue #", "i|ssues show", "his i|ssue", "ext i|ssue", "ater i|ssue", "arlier i|ssue",
		"his s|ession will", "ext s|ession", "nother s|ession", "arlier s|ession",
		"A|nthropic", "C|laude", "o-a|uthored-by", "o-A|uthored-By", "language m|odel", "s|ubagent", "s|ub-agent",
		"T|ODO", "F|IXME", "X|XX", "H|ACK", "ot i|mplemented",
	}
	for i, word := range list {
		list[i] = strings.ReplaceAll(word, "|", "")
	}
	return list
}

// TestWords reads every file: the project speaks of itself alone.
func TestWords(t *testing.T) {
	walkTree(t, func(name string) {
		for _, finding := range foreignWords(name, readFile(t, name)) {
			t.Error(finding)
		}
	})
	require.Equal(t, []string{"x:2: this iss" + "ue"}, foreignWords("x", "first\nas in this iss"+"ue\n"))
	require.Empty(t, foreignWords("x", "session rows are about connections; an issue of style"))
}

func foreignWords(name, text string) (findings []string) {
	for _, word := range foreign() {
		if i := strings.Index(text, word); i >= 0 {
			start := strings.LastIndexAny(text[:i], " \n\t") + 1
			findings = append(findings, fmt.Sprintf("%s:%d: %s", name, strings.Count(text[:i], "\n")+1, text[start:i+len(word)]))
		}
	}
	return findings
}

// named matches a path in code within a document.
var named = regexp.MustCompile("(?:^|[ `])((?:\\./)?(?:internal|examples|store|types)/[\\w./*-]+)")

// TestDocuments holds what documents name to what is there: a command that a reader
// copies works.
func TestDocuments(t *testing.T) {
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		for _, m := range named.FindAllStringSubmatch(readFile(t, name), -1) {
			found, err := filepath.Glob(filepath.Join(root, strings.TrimRight(m[1], "/.")))
			require.NoError(t, err)
			require.NotEmpty(t, found, "%s names %s", name, m[1])
		}
	}
	require.Regexp(t, named, "go run ./examples/none")
}
