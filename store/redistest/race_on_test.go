//go:build race

package redistest

// raceEnabled is true under the race detector, which is slow.
const raceEnabled = true
