package aof

import (
	"fmt"
	"time"
)

// Options are for reading. The zero value is useful.
type Options struct {
	// Strict makes a last file that ends in the middle of something an error, a
	// *persist.DamageError, instead of leaving that out (Redis: aof-load-truncated no).
	Strict bool
	// Until ends the data before the first annotation of a later second; the zero value
	// reads to the end. It needs data that was written with aof-timestamp-enabled. What
	// the preamble or a base file has is not left out, whenever it was written.
	// (Redis: redis-check-aof --truncate-to-timestamp)
	Until time.Time
	// Skip passes over what package rdb does not have of the content that the commands
	// follow: see rdb.Options.
	Skip bool
}

// Report says what was read so far.
type Report struct {
	Files    []string // in the order in which they were begun
	Bytes    int64    // of all of them
	Commands int64    // MULTI and EXEC not counted, nor what the preamble has
	// Time is the last annotation, in whole seconds; the zero value if there was none.
	Time time.Time
	// Cut is what was left out of the last file, nil for nothing.
	Cut *Cut
	// Stopped is where Options.Until has ended the data, nil if it did not.
	Stopped *Place
}

// Place is one in a file.
type Place struct {
	File   string
	Offset int64
}

// Cut is the end of a file that was left out.
type Cut struct {
	Place
	Bytes int64
	What  string // such as "an unfinished command"
}

// String says file, offset, bytes and what it was.
func (c *Cut) String() string {
	return fmt.Sprintf("%d bytes at offset %d of %s: %s", c.Bytes, c.Offset, c.File, c.What)
}

// Command is one of the data.
type Command struct {
	Place
	// Args are its name and its arguments; there is a name.
	Args [][]byte
}
