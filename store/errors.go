package store

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

// Errors of calls. Test for them with errors.Is.
var (
	// ErrWrongType: the key holds a value of another type.
	ErrWrongType = engine.ErrWrongType
	// ErrInTx: the call would wait for the transaction that it is made in. Use the
	// handle's In method, or the context from outside.
	ErrInTx = engine.ErrInTx
	// ErrNoMemory: MaxMemory is reached and nothing can be evicted.
	ErrNoMemory = engine.ErrNoMemory
	// ErrClosed: the store was closed.
	ErrClosed = engine.ErrClosed
	// ErrTxDone: a Tx was used after its function returned.
	ErrTxDone = engine.ErrTxDone
)

// Errors of numbers.
var (
	// ErrNotInteger: the value is not an integer or out of range.
	ErrNotInteger error = arg.ErrNotInt
	// ErrNotFloat: the value is not a floating-point number.
	ErrNotFloat error = arg.ErrNotFloat
	// ErrOverflow: the result would not fit an int64.
	ErrOverflow error = command.ErrOverflow
	// ErrNoSuchKey: the operation needs a key that is not there.
	ErrNoSuchKey error = command.ErrNoSuchKey
)
