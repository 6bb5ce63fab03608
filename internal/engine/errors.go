package engine

import "errors"

// Errors of finders, mutators and transactions.
var (
	// ErrWrongType: the key holds a value of another kind.
	ErrWrongType = errors.New("reside: the key holds the wrong kind of value")
	// ErrRestart: a lock is missing; pass it up and call Tx.Restart.
	ErrRestart = errors.New("reside: restart the transaction with more keys")
	// ErrEmpty: a blocking operation found nothing; its caller may wait.
	ErrEmpty = errors.New("reside: nothing to take yet")
	// ErrBusy: a cut is open.
	ErrBusy = errors.New("reside: another cut is open")
	// ErrInTx: the calling goroutine holds a transaction that this call would wait for.
	ErrInTx = errors.New("reside: the call would wait for the transaction it is made in")
	// ErrNoMemory: MaxMemory is reached and nothing can be evicted.
	ErrNoMemory = errors.New("reside: used memory is over MaxMemory")
	// ErrTxDone: a transaction was used after its end.
	ErrTxDone = errors.New("reside: the transaction is over")
	// ErrReadOnly: a write inside a transaction that only reads.
	ErrReadOnly = errors.New("reside: write in a read-only transaction")
	// ErrClosed: the engine was closed.
	ErrClosed = errors.New("reside: the store is closed")
	// ErrNotDurable: a change stands, but it is not known whether it will last.
	ErrNotDurable = errors.New("reside: the change stands, but is not known to be durable")
	// ErrDisk: writes are refused since the disk has failed.
	ErrDisk = errors.New("reside: writes are refused, as they cannot be made durable")
	// ErrUnsaved: the disk has failed when a snapshot was taken.
	ErrUnsaved = errors.New("reside: the last snapshot has failed")
	// ErrReplica: a write on a replica, which only its primary changes.
	ErrReplica = errors.New("reside: the store is a follower, and its primary alone changes it")
	// ErrSibling: an engine has other stripes or databases than it should.
	ErrSibling = errors.New("reside: the engine is no sibling")
	// ErrMalformed: an effect does not fit its operation.
	ErrMalformed = errors.New("reside: malformed effect")
)
