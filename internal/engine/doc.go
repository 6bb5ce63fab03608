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
// # Where keys live
//
// A short string is one block of memory without pointers, and the table that finds it
// has words of hash and reference (type Entry, type index, package dict). Collections
// and long strings are Go objects, found through the same words, so that RENAME moves
// them in O(1) and a fork shares them.
//
// What was measured with 1 to 2 million keys of 16 bytes, the worst size in between: 55
// bytes a key with its value of 16, 103 with 64; 81 and 132 with a deadline, which costs
// its 8 bytes, a place in the heap of deadlines and 12 bytes there. Before, each entry
// was a Go object in a table of pointers: 160 bytes for the first. One collection of the
// garbage collector with 5 million keys takes 3 ms of processor time; deleting nine of
// ten takes the heap from 246 to 57 MB. A table grows a segment of 4096 words at a time
// (package dict), so no insertion moves more.
//
// What a read costs is its misses of the cache, one after another: for the caller's
// key, the word, the block, each a third of the time in a profile. A loop of lookups
// alone takes 300 ns each, as the processor begins the next before the last is done;
// with the 16 ns of Begin and Commit between, 500, as it sees only so many instructions
// ahead. (A search of eight words without a branch was tried and was no faster.)
//
// An entry in the block begins with its header and not, as in a dict, with lengths of
// one to five bytes: so it can be read and written in place as a struct. A deadline in
// the block, and not in the heap of deadlines alone, saves a read of a key with one a
// miss of the cache, for 8 bytes.
//
// # Validate, then mutate
//
// A mutator that returns an error has changed nothing. Whoever combines several
// makes every check before the first change, or asks for Undo at Begin.
package engine
