package lint

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// row says what a package may import of the project's own packages and of other
// modules. A name that ends in "..." is a folder with all below it; the longest
// row that fits a package is its row. Packages of one row may import each other.
type row struct {
	pkg string
	may []string
}

// layers is the table, from the ground up: a row names rows above it in the list
// only, so that there can be no circle. It is about files that are no tests.
func layers() []row {
	const btree, xxhash, msgpack = "github.com/google/btree", "github.com/cespare/xxhash/v2", "github.com/vmihailenco/msgpack/v5"
	const s2 = "github.com/klauspost/compress/s2"
	return []row{
		{"internal/invariants", nil}, // open to all
		{"internal/lint", nil},
		{"internal/glob", nil},
		{"internal/pipe", nil},
		{"internal/event", nil},
		{"internal/effect", nil},
		{"internal/vfs/...", nil},
		{"internal/ds/...", []string{btree}},
		{"internal/wire", nil},
		{"internal/script", []string{"internal/wire"}},
		{"persist/...", []string{"internal/effect", "internal/vfs/...", xxhash, msgpack}},
		{"persist/aof", []string{"persist/...", "internal/vfs/..."}},
		{"persist/snapshot", []string{"persist/...", "internal/vfs/...", xxhash, msgpack, s2}},
		{"internal/engine", []string{"internal/ds/...", "internal/effect", "internal/event", xxhash}},
		{"internal/durable", []string{"internal/effect", "internal/engine", "internal/vfs/...", "persist/..."}},
		{"internal/command/arg", []string{"internal/engine"}},
		{"internal/command/reply", []string{"internal/wire"}},
		{"internal/command", []string{"internal/command/arg", "internal/command/reply", "internal/engine", "internal/event", "internal/ds/...", "internal/wire", "internal/glob", "persist/..."}},
		{"internal/server", []string{"internal/command", "internal/command/arg", "internal/command/reply", "internal/durable", "internal/engine", "internal/wire", "internal/glob"}},
		{"replicate/...", []string{"internal/effect", "internal/wire", "persist/..."}},
		{"internal/feed", []string{"internal/engine", "internal/durable", "persist/...", "replicate/..."}},
		{"store", []string{"internal/command", "internal/command/arg", "internal/command/reply", "internal/engine", "internal/ds/...", "internal/effect",
			"internal/event", "internal/glob", "internal/vfs/...", "internal/wire", "internal/durable", "internal/feed", "persist/...", "replicate/...", xxhash}},
		{"store/resp", []string{"store", "internal/server", "internal/command"}},
		{"store/redistest", []string{"store", "store/resp", "internal/pipe", "internal/engine", "internal/glob", "internal/wire"}},
		{"types", []string{"store", "internal/command", "internal/command/arg", "internal/command/reply", "internal/engine", msgpack}},
		{"replicate/replicatetest", []string{"types", "store", "replicate/...", "persist/..."}},
		{"examples/...", []string{"types", "store", "store/resp", "store/redistest", "persist/...", "replicate/...", "*"}},
		{"internal/interop", []string{"types", "store", "store/resp", "store/redistest", "*"}},
		{"internal/bench/...", []string{"types", "store", "store/resp", "internal/...", "*"}}, // in its own module: peers, and what is measured
	}
}

// TestLayersHaveNoCircle holds the table to its own order.
func TestLayersHaveNoCircle(t *testing.T) {
	known := []string{"*", "internal/..."}
	for _, r := range layers() {
		for _, name := range r.may {
			require.True(t, isOther(name) || slices.Contains(known, name), "%s may import %s, which is not above it", r.pkg, name)
		}
		known = append(known, r.pkg)
	}
}

// isOther reports whether the path is of another module: its first part has a dot.
func isOther(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return strings.Contains(first, ".") && first != "..."
}

// matches reports whether a package is what the pattern stands for.
func matches(pattern, pkg string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == folder || strings.HasPrefix(pkg, folder+"/")
	}
	return pattern == pkg || pattern == "*" && isOther(pkg)
}

// rowOf is the longest row that fits.
func rowOf(pkg string) (found row) {
	for _, r := range layers() {
		if matches(r.pkg, pkg) && len(r.pkg) > len(found.pkg) {
			found = r
		}
	}
	return found
}

func importsRule(all []*file) (findings []string) {
	for _, f := range all {
		if f.isTest() {
			continue
		}
		r := rowOf(f.dir())
		if r.pkg == "" {
			findings = append(findings, f.at(1, "package %s has no row in the table of imports", f.dir()))
			continue
		}
		for _, i := range f.ast.Imports {
			if pkg, ok := concerns(i.Path.Value); ok && !r.allows(pkg) {
				findings = append(findings, f.at(i.Pos(), "%s must not import %s", f.dir(), pkg))
			}
		}
	}
	return findings
}

// concerns is the imported package as the table names it; ok is false for the
// standard library.
func concerns(quoted string) (pkg string, ok bool) {
	pkg, _ = strconv.Unquote(quoted)
	if own, ok := strings.CutPrefix(pkg, module+"/"); ok {
		return own, true
	}
	return path.Clean(pkg), isOther(pkg)
}

func (r row) allows(pkg string) bool {
	return pkg == "internal/invariants" || matches(r.pkg, pkg) || slices.ContainsFunc(r.may, func(may string) bool { return matches(may, pkg) })
}
