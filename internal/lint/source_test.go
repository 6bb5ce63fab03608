package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/residedb/reside"

// file is a parsed Go file of any of the project's modules.
type file struct {
	path string // from the repository's root, with slashes
	text string
	ast  *ast.File
	fset *token.FileSet
}

func (f *file) dir() string  { return path.Dir(f.path) }
func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) lines() int   { return strings.Count(f.text, "\n") }

// at is a finding at a place in the file.
func (f *file) at(p token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.path, f.fset.Position(p).Line, fmt.Sprintf(format, args...))
}

// root is the repository's, seen from this package.
const root = "../.."

// walkTree calls fn for every file of the repository but those that tools keep.
func walkTree(t *testing.T, fn func(name string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == ".bin"):
			return filepath.SkipDir
		case d.Name() == ".git": // of a linked work tree
			return nil
		case !d.IsDir():
			name, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			fn(filepath.ToSlash(name))
		}
		return nil
	}))
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(b)
}

// load parses every Go file of the repository.
func load(t *testing.T) (all []*file) {
	t.Helper()
	fset := token.NewFileSet()
	walkTree(t, func(name string) {
		if path.Ext(name) == ".go" {
			all = append(all, parse(t, fset, name, readFile(t, name)))
		}
	})
	require.Greater(t, len(all), 100, "this is not the repository")
	return all
}

func parse(t *testing.T, fset *token.FileSet, name, text string) *file {
	t.Helper()
	tree, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	return &file{name, text, tree, fset}
}

// rule looks at all files and returns what breaks it.
type rule func(all []*file) (findings []string)

// each makes a rule of a look at every single file.
func each(look func(f *file) []string) rule {
	return func(all []*file) (findings []string) {
		for _, f := range all {
			findings = append(findings, look(f)...)
		}
		return findings
	}
}

// TestRules holds the whole repository to the rules.
func TestRules(t *testing.T) {
	all := load(t)
	for name, r := range map[string]rule{"imports": importsRule, "clock": clockRule, "state": stateRule, "docs": docsRule,
		"headers": headerRule, "size": sizeRule, "lengths": lengthsRule} {
		t.Run(name, func(t *testing.T) {
			for _, finding := range r(all) {
				t.Error(finding)
			}
		})
	}
}

// TestRulesFind shows every rule code that breaks it, and close to it code that
// does not.
func TestRulesFind(t *testing.T) {
	for _, c := range brokenRules() {
		t.Run(c.name, func(t *testing.T) {
			fset := token.NewFileSet()
			var all []*file
			for name, text := range c.files {
				all = append(all, parse(t, fset, name, text))
			}
			findings := strings.Join(c.rule(all), "\n")
			if c.want == "" {
				require.Empty(t, findings)
				return
			}
			require.Contains(t, findings, c.want)
		})
	}
}

// brokenRule is code that breaks a rule; want is a part of the finding, empty if
// the code is right.
type brokenRule struct {
	name  string
	rule  rule
	files map[string]string
	want  string
}

func brokenRules() []brokenRule {
	one := func(name, text string) map[string]string { return map[string]string{name: text} }
	return []brokenRule{
		{"import upwards", importsRule, one("internal/engine/x.go", "package engine\nimport _ \"github.com/residedb/reside/store\"\n"), "store"},
		{"import of a neighbour", importsRule, one("internal/command/arg/x.go", "package arg\nimport _ \"github.com/residedb/reside/internal/wire\"\n"), "internal/wire"},
		{"import of a test's module", importsRule, one("store/x.go", "package store\nimport _ \"github.com/stretchr/testify/require\"\n"), "testify"},
		{"import in a test", importsRule, one("store/x_test.go", "package store\nimport _ \"github.com/stretchr/testify/require\"\n"), ""},
		{"package that the table does not know", importsRule, one("internal/new/x.go", "package new\n"), "no row"},
		{"import downwards", importsRule, one("types/x.go", "package types\nimport _ \"github.com/residedb/reside/store\"\n"), ""},

		{"time in an op", clockRule, one("internal/command/x.go", "package command\nimport \"time\"\nvar f = time.Now\n"), "time.Now"},
		{"time by another name", clockRule, one("internal/engine/x.go", "package engine\nimport clock \"time\"\nfunc f() { clock.Sleep(1) }\n"), "time.Sleep"},
		{"chance in a container", clockRule, one("internal/ds/x/x.go", "package x\nimport \"math/rand/v2\"\nfunc f() int { return rand.IntN(3) }\n"), "rand.IntN"},
		{"the clock itself", clockRule, one("internal/engine/clock.go", "package engine\nimport \"time\"\nvar f = time.Now\n"), ""},
		{"sleep in a test", clockRule, one("store/x_test.go", "package store\nimport \"time\"\nfunc f() { time.Sleep(1) }\n"), "time.Sleep"},

		{"variable without a value", stateRule, one("store/x.go", "package store\nvar count int\n"), "count"},
		{"lock", stateRule, one("store/x.go", "package store\nimport \"sync\"\nvar mu = sync.Mutex{}\n"), "mu"},
		{"pool", stateRule, one("store/x.go", "package store\nimport \"sync\"\nvar p = sync.Pool{New: func() any { return new(int) }}\n"), ""},
		{"map that is filled later", stateRule, one("store/x.go", "package store\nvar seen = map[string]bool{}\nfunc f() { seen[\"a\"] = true }\n"), "seen"},
		{"counter", stateRule, one("store/x.go", "package store\nvar n = 1\nfunc f() { n++ }\n"), "n is written"},
		{"field of a table", stateRule, one("store/x.go", "package store\nvar rows = []struct{ n int }{{1}}\nfunc f() { rows[0].n = 2 }\n"), "rows is written"},
		{"another package's variable", stateRule, map[string]string{
			"store/x.go": "package store\nvar N = 1\n",
			"types/x.go": "package types\nimport \"github.com/residedb/reside/store\"\nfunc f() { store.N = 2 }\n"}, "N is written"},
		{"init", stateRule, one("store/x.go", "package store\nfunc init() {}\n"), "init"},
		{"table, and a local variable of its name", stateRule, one("store/x.go", "package store\nvar rows = []int{1}\nfunc f() { rows := 1; rows = 2; _ = rows }\n"), ""},

		{"function without a comment", docsRule, one("store/x.go", "package store\nfunc F() {}\n"), "F"},
		{"method without a comment", docsRule, one("store/x.go", "package store\n// T is one.\ntype T int\nfunc (t *T) M() {}\n"), "T.M"},
		{"constant without a comment", docsRule, one("store/x.go", "package store\nconst C = 1\n"), "C"},
		{"constants with a comment for all", docsRule, one("store/x.go", "// Package store is one.\npackage store\n// What they are.\nconst (\n\tC = 1\n\tD = 2\n)\n"), ""},
		{"package without a comment", docsRule, one("store/x.go", "package store\n"), "package store"},

		{"long file", sizeRule, one("store/x.go", "package store\n"+strings.Repeat("\n", 501)), "502 lines"},
		{"long function", sizeRule, one("store/x.go", "package store\nfunc f() {\n"+strings.Repeat("\n", 120)+"}\n"), "f has 122 lines"},
		{"long functions", lengthsRule, one("store/x.go", "package store\n"+strings.Repeat("func f() {\n"+strings.Repeat("\n", 12)+"}\n", 3)), "median"},

		{"licence header", headerRule, one("store/x.go", "// Copyright 2026 Somebody.\n\npackage store\n"), "header"},
	}
}
