package lint

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
)

// stateRule: a variable of a package is a constant that Go's const cannot hold (an
// error, a row, a codec, a table). It has its value from the start, no function
// writes to it or to a part of it, it holds no lock, channel or counter, and there
// is no init. A sync.Pool may be: nobody can see what it holds.
func stateRule(all []*file) (findings []string) {
	c := newChecker(all)
	for _, f := range all {
		if f.isTest() {
			continue
		}
		for _, d := range f.ast.Decls {
			findings = append(findings, declared(f, d)...)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(c.dirs)) {
		c.check(dir)
		for _, f := range c.dirs[dir] {
			findings = append(findings, c.written(f)...)
		}
	}
	return findings
}

// declared looks at how variables are declared.
func declared(f *file, d ast.Decl) (findings []string) {
	if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
		return []string{f.at(d.Pos(), "init runs before anybody asks for it")}
	}
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR || embeds(g) {
		return nil
	}
	for _, s := range g.Specs {
		v := s.(*ast.ValueSpec)
		if v.Names[0].Name == "_" {
			continue
		}
		if len(v.Values) == 0 || slices.ContainsFunc(v.Values, changes) {
			findings = append(findings, f.at(v.Pos(), "%s is state of a package", v.Names[0].Name))
		}
	}
	return findings
}

// embeds reports whether the compiler fills the variable with a file.
func embeds(g *ast.GenDecl) bool {
	return g.Doc != nil && strings.HasPrefix(g.Doc.List[len(g.Doc.List)-1].Text, "//go:embed ")
}

// changes reports whether a value is made to change: locks, counters, channels,
// what make and new return.
func changes(value ast.Expr) (found bool) {
	ast.Inspect(value, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ChanType:
			found = true
		case *ast.Ident:
			found = found || x.Name == "make" || x.Name == "new"
		case *ast.SelectorExpr:
			if pkg, ok := x.X.(*ast.Ident); ok && (pkg.Name == "sync" && x.Sel.Name != "Pool" || pkg.Name == "atomic") {
				found = true
			}
		}
		return !found
	})
	return found
}

// checker resolves names. It knows the project's own packages; of others it need
// know nothing, and what it cannot resolve because of that it lets pass.
type checker struct {
	dirs map[string][]*file
	info types.Info
	done map[string]*types.Package
}

func newChecker(all []*file) *checker {
	c := &checker{map[string][]*file{}, types.Info{Uses: map[*ast.Ident]types.Object{}}, map[string]*types.Package{}}
	for _, f := range all {
		if !f.isTest() {
			c.dirs[f.dir()] = append(c.dirs[f.dir()], f)
		}
	}
	return c
}

// Import is the package as far as it is known.
func (c *checker) Import(name string) (*types.Package, error) {
	if own, ok := strings.CutPrefix(name, module+"/"); ok && c.dirs[own] != nil {
		return c.check(own), nil
	}
	p := types.NewPackage(name, path.Base(strings.TrimSuffix(name, "/v2")))
	p.MarkComplete()
	return p, nil
}

func (c *checker) check(dir string) *types.Package {
	if p := c.done[dir]; p != nil {
		return p
	}
	var files []*ast.File
	for _, f := range c.dirs[dir] {
		files = append(files, f.ast)
	}
	config := types.Config{Importer: c, Error: func(error) {}}
	p, _ := config.Check(module+"/"+dir, c.dirs[dir][0].fset, files, &c.info)
	c.done[dir] = p
	return p
}

// written finds assignments to variables of packages.
func (c *checker) written(f *file) (findings []string) {
	look := func(target ast.Expr) {
		id := c.rootOf(target)
		if id == nil {
			return
		}
		v, ok := c.info.Uses[id].(*types.Var)
		if ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			findings = append(findings, f.at(target.Pos(), "%s is written: it is a variable of package %s", v.Name(), v.Pkg().Name()))
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, target := range x.Lhs {
				look(target)
			}
		case *ast.IncDecStmt:
			look(x.X)
		case *ast.CallExpr:
			if fn, ok := x.Fun.(*ast.Ident); ok && (fn.Name == "clear" || fn.Name == "delete") && len(x.Args) > 0 {
				look(x.Args[0])
			}
		}
		return true
	})
	return findings
}

// rootOf is the variable that an assignment changes: x in x.f[i] and *x, v in
// pkg.v.
func (c *checker) rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			if c.isPackage(x.X) {
				return x.Sel
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func (c *checker) isPackage(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = c.info.Uses[id].(*types.PkgName)
	return ok
}
