// Package engine is the in-memory database beneath every handle and command:
// keys in lock-striped tables, and transactions that change them.
//
// # Transactions
//
// A caller begins a transaction with the keys it knows, calls finders and
// mutators on the Tx, and commits:
//
//	tx := e.BeginKey(key)
//	ent, err := tx.FindAs(key, engine.List)
//	...
//	tx.Commit()
//
// The stripes of the keys are locked from Begin to Commit, in ascending order.
// A transaction that touches another key grows: a higher stripe is waited for,
// a lower one only tried. When that fails, the finder or mutator returns
// ErrRestart; the caller passes it up, calls Tx.Restart, which undoes
// everything and locks the larger set, and runs its work again.
//
// # Mutators
//
// Stored state changes only inside the mutators (Tx.PutString, Tx.Delete,
// Tx.ListPush ...). Each has two halves: edit, before the change (find or
// create the entry, check its type, keep what undo needs), and note, after it
// (memory, the effect for the journal, watchers and waiters). What was noted is
// published once, at Commit.
//
// # Validate, then mutate
//
// A mutator that returns an error has changed nothing. Whoever combines several
// makes every check before the first change, or asks for Undo at Begin.
package engine
