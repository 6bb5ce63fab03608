package command

import (
	"errors"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

// Errors of ops, with Redis's texts.
var (
	ErrOverflow     = arg.Error{Code: "ERR", Text: "increment or decrement would overflow"}
	ErrNoSuchKey    = arg.Error{Code: "ERR", Text: "no such key"}
	ErrHashNotInt   = arg.Error{Code: "ERR", Text: "hash value is not an integer", Kind: arg.ErrNotInt}
	ErrHashNotFloat = arg.Error{Code: "ERR", Text: "hash value is not a float", Kind: arg.ErrNotFloat}
	ErrInfinite     = arg.Error{Code: "ERR", Text: "value is NaN or Infinity", Kind: ErrInfiniteSum}
	ErrInfiniteSum  = arg.Error{Code: "ERR", Text: "increment would produce NaN or Infinity"}
	ErrTooLong      = arg.Error{Code: "ERR", Text: "string exceeds maximum allowed size (proto-max-bulk-len)"}
)

// ErrorText is how a client sees an error.
func ErrorText(err error) string {
	var e arg.Error
	switch {
	case errors.As(err, &e):
		return e.Code + " " + e.Text
	case err == engine.ErrWrongType:
		return "WRONGTYPE Operation against a key holding the wrong kind of value"
	case err == engine.ErrNoMemory:
		return "OOM command not allowed when used memory > 'maxmemory'."
	case err == engine.ErrReplica:
		return "READONLY You can't write against a read only replica."
	case errors.Is(err, engine.ErrUnsaved):
		return "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
			"Commands that may modify the data set are disabled, because this instance is configured to report errors during writes " +
			"if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."
	case errors.Is(err, engine.ErrDisk), errors.Is(err, engine.ErrNotDurable):
		return "MISCONF Errors writing to the AOF file: " + causeOf(err)
	}
	return "ERR " + err.Error()
}

// causeOf is the text of the last error that is wrapped in one of the disk.
func causeOf(err error) string {
	for {
		switch w := any(err).(type) { // the tree of errors, not what is wrapped in it, is gone through
		case interface{ Unwrap() []error }:
			all := w.Unwrap()
			err = all[len(all)-1]
			continue
		case interface{ Unwrap() error }:
			if in := w.Unwrap(); in != nil {
				err = in
				continue
			}
		}
		return err.Error()
	}
}
