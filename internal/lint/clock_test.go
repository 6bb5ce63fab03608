package lint

import (
	"go/ast"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// doors are the files through which time and chance come in, with the reason why
// each may.
func doors() map[string]string {
	return map[string]string{
		"store/redistest/check.go":  "how long what is left of a closed fake may take to end",
		"internal/engine/clock.go":  "the clock that a program has unless it gives another",
		"internal/engine/engine.go": "the seed of a stripe's generator, unless a test gives one",
		"internal/engine/evict.go":  "where the search for a key to evict begins: what is evicted is recorded",
		"internal/engine/access.go": "the logarithmic counter of uses, which is chance by design and is not replicated",
	}
}

// timeless matches the packages that must behave the same when they are replayed.
var timeless = regexp.MustCompile(`^(internal/(command|engine|ds|effect|glob|wire)|store|types)(/|$)`)

// tellsTime and tellsChance match what hides a clock or a generator that is
// common to the whole program.
var (
	tellsTime   = regexp.MustCompile(`^(Now|Since|Until|Sleep|After|AfterFunc|Tick|NewTicker|NewTimer)$`)
	tellsChance = regexp.MustCompile(`^(Int|Uint|Float|Norm|Exp|Perm|Shuffle|N$|Read$|Seed$)`)
)

// clockRule keeps clocks and the common random generator out of what is to be
// deterministic, and time.Sleep out of tests: these wait for a condition, or run
// in virtual time.
var clockRule = each(func(f *file) (findings []string) {
	if _, ok := doors()[f.path]; ok {
		return nil
	}
	names := importNames(f)
	virtual := strings.Contains(f.text, `"testing/synctest"`)
	ast.Inspect(f.ast, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		if !ok {
			return true
		}
		var bad bool
		switch pkg := names[x.Name]; {
		case pkg == "time" && f.isTest():
			bad = s.Sel.Name == "Sleep" && !virtual
		case f.isTest() || !timeless.MatchString(f.dir()):
		case pkg == "time":
			bad = tellsTime.MatchString(s.Sel.Name)
		case strings.HasPrefix(pkg, "math/rand"):
			bad = tellsChance.MatchString(s.Sel.Name)
		}
		if bad {
			findings = append(findings, f.at(s.Pos(), "%s.%s: time and chance come from the engine", strings.TrimSuffix(path.Base(names[x.Name]), "/v2"), s.Sel.Name))
		}
		return true
	})
	return findings
})

// importNames maps the names by which a file knows its imports to their paths.
func importNames(f *file) map[string]string {
	names := map[string]string{}
	for _, i := range f.ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		p = strings.TrimSuffix(p, "/v2")
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = p
	}
	return names
}
