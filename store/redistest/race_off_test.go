//go:build !race

package redistest

// raceEnabled is false without the race detector.
const raceEnabled = false
