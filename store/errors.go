package store

import (
	"errors"

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
	// ErrTxDone: a Tx was used after its function returned, or a Watch after its
	// end.
	ErrTxDone = engine.ErrTxDone
	// ErrReadOnly: a write inside View.
	ErrReadOnly = engine.ErrReadOnly
	// ErrReplica: a write to a store that is a follower.
	ErrReplica = engine.ErrReplica
	// ErrEmpty: a blocking call inside a transaction, where it must not block, found
	// nothing to take.
	ErrEmpty = engine.ErrEmpty
	// ErrChanged: a key of a Watch was changed before its Update.
	ErrChanged = errors.New("reside: a watched key was changed")
)

// Errors of numbers.
var (
	// ErrNotInteger: the value is not an integer or out of range.
	ErrNotInteger error = arg.ErrNotInt
	// ErrNotFloat: the value is not a floating-point number.
	ErrNotFloat error = arg.ErrNotFloat
	// ErrOverflow: the result would not fit an int64.
	ErrOverflow error = command.ErrOverflow
	// ErrInfinite: the result would be infinite or no number.
	ErrInfinite error = command.ErrInfiniteSum
	// ErrNaN: a score is no number, or would become none.
	ErrNaN error = command.ErrNaN
)

// Errors of arguments.
var (
	// ErrNoSuchKey: the operation needs a key that is not there.
	ErrNoSuchKey error = command.ErrNoSuchKey
	// ErrSameKey: a key cannot be copied or moved to itself.
	ErrSameKey error = command.ErrSameObject
	// ErrDB: there is no database of that number.
	ErrDB error = command.ErrDB
	// ErrOffset: the offset is negative.
	ErrOffset = errors.New("reside: offset is out of range")
	// ErrExpiry: a time to live is not positive, or ends too late to be kept.
	ErrExpiry error = command.ErrExpiry
	// ErrOptions: options exclude each other, or their number does not fit.
	ErrOptions = errors.New("reside: options do not fit together")
	// ErrCount: a number of elements is negative, or 0 where some are waited for.
	ErrCount = errors.New("reside: count is out of range")
	// ErrNoKeys: an operation on several keys was given none.
	ErrNoKeys = errors.New("reside: no keys are given")
	// ErrIndex: the index is outside the list.
	ErrIndex error = command.ErrIndex
	// ErrTooLong: a value would be longer than 512 MiB.
	ErrTooLong error = command.ErrTooLong
)
