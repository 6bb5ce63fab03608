package engine

import "errors"

// Errors of finders, mutators and transactions.
var (
	// ErrWrongType: the key holds a value of another kind.
	ErrWrongType = errors.New("engine: the key holds the wrong kind of value")
	// ErrRestart: a lock is missing; pass it up and call Tx.Restart.
	ErrRestart = errors.New("engine: restart the transaction with more keys")
	// ErrEmpty: a blocking operation found nothing; its caller may wait.
	ErrEmpty = errors.New("engine: nothing to take yet")
	// ErrInTx: the calling goroutine holds a transaction that this call would wait for.
	ErrInTx = errors.New("engine: call inside a transaction on the same store")
	// ErrNoMemory: MaxMemory is reached and nothing can be evicted.
	ErrNoMemory = errors.New("engine: used memory is over MaxMemory")
	// ErrTxDone: a transaction was used after its end.
	ErrTxDone = errors.New("engine: the transaction is over")
	// ErrClosed: the engine was closed.
	ErrClosed = errors.New("engine: closed")
	// ErrMalformed: an effect does not fit its operation.
	ErrMalformed = errors.New("engine: malformed effect")
)
