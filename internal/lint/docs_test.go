package lint

import (
	"go/ast"
	"go/token"
	"strings"
)

// docsRule: what a package exports has a comment, its own or that of its group, and
// one file of a package says what the package is for.
func docsRule(all []*file) (findings []string) {
	described, first := map[string]bool{}, map[string]*file{}
	for _, f := range all {
		if f.isTest() {
			continue
		}
		if first[f.dir()] == nil {
			first[f.dir()] = f
		}
		described[f.dir()] = described[f.dir()] || f.ast.Doc != nil
		for _, d := range f.ast.Decls {
			findings = append(findings, bare(f, d)...)
		}
	}
	for dir, f := range first {
		if !described[dir] {
			findings = append(findings, f.at(1, "package %s has no comment", f.ast.Name))
		}
	}
	return findings
}

// bare lists what a declaration exports without a comment.
func bare(f *file, d ast.Decl) (findings []string) {
	switch x := d.(type) {
	case *ast.FuncDecl:
		if name := exportedName(x); name != "" && x.Doc == nil {
			findings = append(findings, f.at(x.Pos(), "%s is exported without a comment", name))
		}
	case *ast.GenDecl:
		for _, s := range x.Specs {
			for _, id := range bareNames(x, s) {
				findings = append(findings, f.at(id.Pos(), "%s is exported without a comment", id.Name))
			}
		}
	}
	return findings
}

// exportedName is the name of a function, or of a method with its type, that other
// packages can call.
func exportedName(fn *ast.FuncDecl) string {
	name := fn.Name.Name
	if fn.Recv != nil {
		of := receiver(fn.Recv.List[0].Type)
		if !ast.IsExported(of) {
			return ""
		}
		name = of + "." + name
	}
	if !fn.Name.IsExported() {
		return ""
	}
	return name
}

// receiver is T of T, *T, T[K] and *T[K, V].
func receiver(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	}
	return ""
}

// bareNames are the exported names of a part of a declaration that has no comment,
// where the declaration has none for all.
func bareNames(g *ast.GenDecl, s ast.Spec) (bare []*ast.Ident) {
	var names []*ast.Ident
	var said bool
	switch x := s.(type) {
	case *ast.TypeSpec:
		names, said = []*ast.Ident{x.Name}, x.Doc != nil || x.Comment != nil
	case *ast.ValueSpec:
		names, said = x.Names, x.Doc != nil || x.Comment != nil || g.Tok != token.IMPORT && g.Doc != nil
	}
	said = said || !g.Lparen.IsValid() && g.Doc != nil
	for _, id := range names {
		if id.IsExported() && !said {
			bare = append(bare, id)
		}
	}
	return bare
}

// headerRule: the licence stands in LICENSE, and not in every file again.
var headerRule = each(func(f *file) (findings []string) {
	for _, g := range f.ast.Comments {
		text := strings.ToLower(g.Text())
		if g.Pos() < f.ast.Package && (strings.Contains(text, "copyright") || strings.Contains(text, "spdx") || strings.Contains(text, "licensed under")) {
			findings = append(findings, f.at(g.Pos(), "a licence header"))
		}
	}
	return findings
})
