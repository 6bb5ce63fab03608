//go:build race

package types_test

// raceEnabled is true under the race detector, where pools forget on purpose.
const raceEnabled = true
