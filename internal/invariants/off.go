//go:build !invariants

// Package invariants switches on checks that cost too much for every build: with
// `-tags invariants` borrowed buffers are overwritten, promises between
// packages are verified, and a broken one panics. Without the tag they compile
// to nothing.
package invariants

// Enabled is true in the checked build.
const Enabled = false
