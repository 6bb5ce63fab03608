// Package bench compares Reside with its peers in one run. It is a module of its
// own, so that they stay out of the library's go.mod.
package bench
