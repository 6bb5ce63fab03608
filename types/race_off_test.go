//go:build !race

package types_test

// raceEnabled is false without the race detector.
const raceEnabled = false
