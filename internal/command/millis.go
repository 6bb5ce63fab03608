package command

import (
	"math"
	"time"
)

// MillisOf is a duration in milliseconds, rounded up, so that a time to live is
// never shorter than asked for.
func MillisOf(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d > 0 && d%time.Millisecond != 0 {
		ms++
	}
	return ms
}

// MillisAt is a time in unix milliseconds, rounded up.
func MillisAt(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	return ms
}

// DurationOf is milliseconds as a duration; the longest one if they do not fit.
func DurationOf(ms int64) time.Duration {
	if ms > int64(math.MaxInt64/time.Millisecond) {
		return math.MaxInt64
	}
	return time.Duration(ms) * time.Millisecond
}
