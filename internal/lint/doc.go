// Package lint holds the project's rules as tests, so that they are facts and not
// wishes. It has no other code. The rules are
//
//	imports     go one way: the table in imports_test.go
//	clock       engine, containers and ops take the time and chance from the engine
//	state       no package has state: its variables are never written
//	docs        what is exported says what it is; a package says what it is for
//	size        files under 500 lines, functions that fit a screen
//	modules     few requirements, one work space
//	tree        what stands at the top level, the licence, words that must not occur
//
// A rule is a function from parsed files to findings. TestRulesFind shows each rule
// a piece of code that breaks it.
package lint
