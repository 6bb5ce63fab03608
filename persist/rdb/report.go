package rdb

import (
	"errors"
	"fmt"
	"strings"
)

// Report says what was found in a file, or written.
type Report struct {
	Version int               // of the format
	Aux     map[string]string // what the file says of itself, such as "redis-ver"
	Keys    int64             // that were read or written
	Expired int64             // that were left out as their time had come
	Empty   int64             // collections without an element, which Redis drops too
	Left    int64             // that Options.Keep did not want
	Uses    int64             // idle times and use counts, which are not kept
	Bytes   int64             // of the file, so far
	// Skipped is what this library does not have, in the order of the file, and
	// SkippedMore how many there were behind the first 1000.
	Skipped     []Skipped
	SkippedMore int64
	// Unchecked: the file has no checksum, as Redis writes with rdbchecksum no, or as
	// before version 5. Damage may have gone unnoticed.
	Unchecked bool
}

// Skipped is something that was passed over.
type Skipped struct {
	What   string // such as "a stream"
	DB     int
	Key    string // "" for what is no key
	Offset int64
}

// mostSkipped is how many are kept.
const mostSkipped = 1000

func (r *Report) skipped(s Skipped) {
	if len(r.Skipped) == mostSkipped {
		r.SkippedMore++
		return
	}
	r.Skipped = append(r.Skipped, s)
}

// ErrUnsupported is what every *UnsupportedError is. Test for it with errors.Is.
var ErrUnsupported = errors.New("rdb: not supported")

// UnsupportedError says what a file has that this library does not.
type UnsupportedError struct {
	File string
	Skipped
	CanSkip bool // Options.Skip would help
}

// Error says file, offset, key and what it is.
func (e *UnsupportedError) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "rdb: %s has %s at offset %d", e.File, e.What, e.Offset)
	if e.Key != "" {
		fmt.Fprintf(&s, ", the key %q of database %d", e.Key, e.DB)
	}
	s.WriteString(", which is not supported")
	if !e.CanSkip {
		s.WriteString(" and cannot be skipped")
	}
	return s.String()
}

// Is reports whether the target is ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }
