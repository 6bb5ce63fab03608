//go:build invariants

package invariants

// Enabled is true in the checked build.
const Enabled = true
