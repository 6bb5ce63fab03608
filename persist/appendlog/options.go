package appendlog

import (
	"errors"
	"time"

	"github.com/residedb/reside/persist"
)

// Options are those of a Log. The zero value is useful.
type Options struct {
	// SegmentSize is how many bytes a segment can have before the next one begins, 64
	// MiB if it is 0. A batch of records is never divided.
	SegmentSize int64
	// Repair makes Replay drop what is damaged, and all behind it, in place of failing.
	// Files are renamed or copied to *.damaged first.
	Repair bool
	// Archive gets every segment that is complete, if it is not nil. What Trim would
	// remove is kept until it has it.
	Archive persist.Archive
	// AfterFunc calls a function later, in a goroutine of its own, as time.AfterFunc
	// does, which is taken if it is nil. It is for trying the archive again.
	AfterFunc func(d time.Duration, call func()) (stop func() bool)
}

const defaultSegmentSize = 64 << 20

func (o Options) withDefaults() Options {
	if o.SegmentSize <= 0 {
		o.SegmentSize = defaultSegmentSize
	}
	if o.AfterFunc == nil {
		o.AfterFunc = func(d time.Duration, call func()) func() bool { return time.AfterFunc(d, call).Stop }
	}
	return o
}

// Errors of a Log. Test for them with errors.Is.
var (
	// ErrBegin: nothing can be appended before Begin, or after an error.
	ErrBegin = errors.New("appendlog: it has to begin first")
	// ErrInvalid: a record, a position or a history that cannot be here.
	ErrInvalid = errors.New("appendlog: invalid")
	// ErrTooLarge: a record of more than MaxRecord bytes.
	ErrTooLarge = errors.New("appendlog: the record is too large")
	// ErrUsed: Replay was called after another call.
	ErrUsed = errors.New("appendlog: Replay has to come first")
)
