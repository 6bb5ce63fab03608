package lint

import (
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

// foreign matches words that are about how the project is made and not about what
// it is, and what is left open. A letter in brackets keeps a pattern from
// matching itself.
func foreign() *regexp.Regexp {
	return regexp.MustCompile(strings.Join([]string{
		`/[w]ork/`,
		`/[r]oot/`,
		`\b[Ii][s]sue #?\d`,
		`\b([Tt]his|[Nn]ext|[Ll]ater|[Ee]arlier) [i]ssue\b`,
		`\b([Tt]his|[Nn]ext|[Aa]nother|[Ee]arlier) [s]ession('s)? (of|will|did|work)`,
		`\b([A]nthropic|[C]laude|[Cc]o-[a]uthored-[Bb]y)\b`,
		`\b([A]rtificial [I]ntelligence|[Ll]anguage [m]odel|[Ss]ub-?[a]gent)\b`,
		`\b(T[O]DO|F[I]XME|X[X]X|H[A]CK|[Nn]ot [i]mplemented)\b`,
	}, "|"))
}

// TestWords reads every file: the project speaks of itself alone.
func TestWords(t *testing.T) {
	all := foreign()
	walkTree(t, func(name string) {
		text := readFile(t, name)
		for _, at := range all.FindAllStringIndex(text, -1) {
			t.Errorf("%s:%d: %q has no place here", name, strings.Count(text[:at[0]], "\n")+1, text[at[0]:at[1]])
		}
	})
	for _, line := range []string{"see /wor" + "k/x", "as is" + "sue 12 says", "// TO" + "DO: later", "not " + "implemented"} {
		require.Regexp(t, all, line)
	}
	require.NotRegexp(t, all, "session rows are about connections; an issue of style")
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
