package types_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
)

var update = flag.Bool("update", false, "write commands.go anew")

// wireOnly are commands that no method stands for, with what a Go program does
// instead.
var wireOnly = map[string]string{
	"object":          "see its subcommands",
	"object|help":     "this page",
	"object|refcount": "1, or what Redis says of the small integers that it shares",
	"memory":          "see its subcommands",
}

// TestCommandsPage holds the page that maps commands to methods to the "Redis:"
// lines of the methods' docs, and finds commands without a method.
func TestCommandsPage(t *testing.T) {
	table := command.NewTable(command.Rows())
	methods := map[string][]string{}
	for _, dir := range []string{".", "../store"} {
		for name, doc := range documented(t, dir) {
			for _, cmd := range commandsOf(table, doc) {
				methods[cmd] = append(methods[cmd], name)
			}
		}
	}
	for _, n := range table.All() {
		name := n.Meta().Name
		if wireOnly[name] != "" {
			methods[name] = []string{"(" + wireOnly[name] + ")"}
		}
		require.NotEmpty(t, methods[name], "%s: no method says that it is its command", name)
	}
	page := render(methods)
	if *update {
		require.NoError(t, os.WriteFile("commands.go", []byte(page), 0o644))
	}
	have, err := os.ReadFile("commands.go")
	require.NoError(t, err)
	require.Equal(t, page, string(have), "go test ./types -run TestCommandsPage -update")
}

// documented are the docs of a package's exported functions and methods.
func documented(t *testing.T, dir string) map[string]string {
	docs := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.IsExported() {
				docs[nameOf(f.Name.Name, fn)] = fn.Doc.Text()
			}
		}
	}
	return docs
}

// embedded are the exported types that have the methods of an unexported one.
var embedded = map[string]string{"keyspace": "store.Store.", "handle": "any handle's "}

// wireToo are commands about a connection that have their like in Go.
var wireToo = strings.Fields("multi exec discard watch unwatch select info config")

func nameOf(pkg string, fn *ast.FuncDecl) string {
	prefix := ""
	if pkg != "types" {
		prefix = pkg + "."
	}
	if fn.Recv == nil {
		return prefix + fn.Name.Name
	}
	recv := fn.Recv.List[0].Type
	if p, ok := recv.(*ast.StarExpr); ok {
		recv = p.X
	}
	switch x := recv.(type) {
	case *ast.IndexExpr:
		recv = x.X
	case *ast.IndexListExpr:
		recv = x.X
	}
	name := recv.(*ast.Ident).Name
	if outer := embedded[name]; outer != "" {
		return outer + fn.Name.Name
	}
	return prefix + name + "." + fn.Name.Name
}

// commandsOf are the commands that a doc's "Redis:" paragraph names.
func commandsOf(table *command.Table, doc string) (found []string) {
	_, line, ok := strings.Cut(doc, "Redis: ")
	if !ok {
		return nil
	}
	for group := range strings.SplitSeq(strings.ReplaceAll(line, "\n", " "), ";") {
		for _, cut := range []string{" with ", " after "} {
			group, _, _ = strings.Cut(group, cut)
		}
		for item := range strings.SplitSeq(group, ",") {
			words := strings.Fields(strings.ToLower(item))
			if len(words) == 0 {
				continue
			}
			n := table.Find(words[0])
			switch {
			case slices.Contains(wireToo, words[0]):
				found = append(found, words[0])
			case n == nil:
			case n.Subs != nil && len(words) > 1:
				found = append(found, words[0]+"|"+words[1])
			default:
				found = append(found, words[0])
			}
		}
	}
	return found
}

func render(methods map[string][]string) string {
	var b strings.Builder
	b.WriteString("// Package types has a method for every Redis command on data.\n//\n// # From Redis commands to methods\n//\n// The way back stands in the docs of the methods, behind \"Redis:\".\n//\n")
	for _, cmd := range slices.Sorted(maps.Keys(methods)) {
		names := methods[cmd]
		slices.Sort(names)
		fmt.Fprintf(&b, "//\t%-17s %s\n", strings.ToUpper(strings.ReplaceAll(cmd, "|", " ")), strings.Join(slices.Compact(names), ", "))
	}
	b.WriteString("package types\n")
	return b.String()
}
