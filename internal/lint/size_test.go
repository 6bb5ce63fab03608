package lint

import (
	"fmt"
	"go/ast"
	"slices"
)

// Sizes up to which code is read with ease. Those of functions are about code that
// is no test: there a table may be long.
const (
	maxFile     = 500
	maxFunction = 100
	maxMedian   = 10
	maxNinth    = 40
)

var sizeRule = each(func(f *file) (findings []string) {
	if n := f.lines(); n > maxFile {
		findings = append(findings, f.at(1, "the file has %d lines, more than %d: does it hold one thing?", n, maxFile))
	}
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && !f.isTest() && linesOf(f, fn) > maxFunction {
			findings = append(findings, f.at(fn.Pos(), "%s has %d lines, more than %d", fn.Name.Name, linesOf(f, fn), maxFunction))
		}
	}
	return findings
})

func linesOf(f *file, fn *ast.FuncDecl) int {
	return f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
}

func lengthsRule(all []*file) (findings []string) {
	var lengths []int
	for _, f := range all {
		if f.isTest() {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				lengths = append(lengths, linesOf(f, fn))
			}
		}
	}
	if len(lengths) == 0 {
		return nil
	}
	slices.Sort(lengths)
	median, ninth := lengths[len(lengths)/2], lengths[len(lengths)*9/10]
	if median > maxMedian {
		findings = append(findings, fmt.Sprintf("the median function has %d lines, more than %d", median, maxMedian))
	}
	if ninth > maxNinth {
		findings = append(findings, fmt.Sprintf("one function in ten has %d lines and more, more than %d", ninth, maxNinth))
	}
	return findings
}
