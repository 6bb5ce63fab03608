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
// A transaction on one key that only reads (Engine.ReadKeyCtx) may have others beside it.
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
// (package dict), so no insertion moves more: of 5 million keys that are added, and of a million
// fields of one hash, one in a hundred thousand holds its stripe for more than 0.20 and 0.25 ms,
// and the longest for 1.2, the scheduler's part included (BenchmarkGrowthHolds).
//
// What a read costs is its misses of the cache, one after another: for the caller's
// key, the word, the block, each a third of the time in a profile. A loop of lookups
// alone takes 300 ns each, as the processor begins the next before the last is done;
// with the 16 ns of Begin and Commit between, 500, as it sees only so many instructions
// ahead.
//
// # Beside maps
//
// A million strings by handles, how many times Reside's processor time a peer takes, on a
// machine with other work (bench, medians; 1 goroutine and 4), and what was aimed at:
//
//	                   64 maps       xsync         wanted
//	get, hit         0.63, 0.61   0.60, 0.65     1.0 of xsync
//	look, hit        0.56, 0.60   0.44, 0.45     0.9 of xsync
//	get, miss        0.60, 0.48   0.34, 0.30     0.9 of xsync
//	set existing     0.96, 1.01   0.97, 1.08     1.0 of the best
//	incr             0.76, 0.75   1.19, 1.22     1.0 of 64 maps, 0.8 of xsync
//
// Of 200,000, more of what peers keep is in the cache: incr is 0.40 there, and of one
// collection HGET 0.39, SISMEMBER 0.30, ZSCORE 0.34.
//
// By the profile 75 of 100 of a miss are the search of the words, most of it for their first
// line, and 14 the hash of the key, which is as cold for peers; the lock, transaction and handle
// have the rest. Of a SET 38 are the block, 28 the words, 18 the key's hash. Of INCR 33, 27
// and 20 are the same three, and 7 writes the number; peers keep a native integer, which is
// not parsed and written as text.
// So peers wait for the same memory, but a map's lookup is so short that its loop
// waits for two of them at once. What was tried against it:
//
//   - A lock beside xsync: with a hash and one of 64 Mutexes around Load a hit takes 405 ns
//     for 275, a miss 170 for 122: a quarter of the distance. (Reads without a lock, by a
//     seqlock, were slower on two processors.)
//   - The memory in huge pages, by madvise and collapse of the whole heap: get 675 ns for
//     800, miss 308 for 340, SET 760 for 875. Peers gain as much, so the ratios stay, and
//     the memory is the Go heap's, not ours to advise.
//   - The words looked at before the lock is taken: get 0.99 of the time, look 0.95, a
//     miss 1.36.
//   - A search of eight words without a branch: for the tag, with the loop behind it, a hit
//     1.00, SET 1.09, a miss 1.59; for the first word not less, which ends a miss too, a hit
//     1.04, look 0.90, SET 1.17, a miss 1.32. In a loop without transactions it is faster
//     (see package dict); eight words are two lines of the cache, where the loop needs one.
//
// An entry in the block begins with its header and not, as in a dict, with lengths of
// one to five bytes: so it can be read and written in place as a struct. A deadline in
// the block, and not in the heap of deadlines alone, saves a read of a key with one a
// miss of the cache, for 8 bytes.
//
// # Reading together
//
// A stripe's lock is a Mutex that lets readers in together where they would wait for one
// another (type gate). Two or four goroutines on two processors that read one collection
// of a million, by the handles, ns an operation on a quiet machine, before and with it:
//
//	                 1 goroutine     2            4          of a map and RWMutex, 4
//	HGET             815, 861     950, 460     964, 465           0.31, 0.54
//	ZSCORE           809, 833     902, 470     929, 458           0.28, 0.52
//	ZRANGE, 10      1460, 1480       -        1470, 760           0.48, 0.91
//
// What is left beside the map is what one goroutine alone has, too (0.52): not the lock but
// the misses of the cache. A profile has 33 of 100 in the one for the
// entry, 30 for the field to be hashed, 13 for the word, 6 in entering and leaving.
//
// The first form opened a gate as soon as a reader had to wait. Then chance meetings in
// the stripes of many keys opened them, and readers of strings took 1.2 to 1.5 times as
// long by four goroutines: a shared transaction costs more than one that has the
// stripe. So it takes two who wait at once, or eight who waited within 256 lookups; every
// 32nd reader looks whether it is alone, and a round of 1024 in which fewer than four of
// them met others shuts the gate; and strings are read alone, as it is a matter of 60 ns.
// To open the gate only when sixteen readers had waited shortly after one another did not
// work: in a convoy on a Mutex most goroutines sleep, and hardly anybody is seen waiting.
//
// Few instructions count here: with two calls more on the way to the Mutex, and one to
// begin, an Append-style read of a string took 1.3 times as long, as the processor saw less of
// the next one. Also tried: a Mutex with spinning or yielding (570 to 600 ns for
// 600), and a sync.RWMutex (250), whose writers would pay for two atomic operations more.
//
// Statistics of readers stand with their count, uses are marked by an atomic operation,
// random numbers are each reader's own, and what has to write, because a key or field is due,
// begins again alone. The server's commands, and those on several keys, lock as before. The
// checked build always reads together.
//
// # Room
//
// MaxMemory is looked at twice: by MakeRoom, before the keys are locked, which evicts
// until there is room, and by Crowded under their lock. As many callers as there are may
// pass the first at the same moment. 8,000 goroutines that did so stood at 1.56 times a
// limit of 64 MiB with values of 4000 bytes, and at 1.83 times one of 256 KiB with
// transactions. Only one for each stripe passes the second; whoever finds more than 1/128
// too much there goes back to make room. The same writers stood at 1.008 to 1.011 times
// then. It costs a look at the counter that the write is about to change, and without a
// limit one at the configuration. (What a call will add is not reserved before: a
// typed call would have to be encoded to tell.)
//
// Redis's policies look at 5 keys for each that goes and remember 16 candidates. What
// allkeys-lfu lacks beside W-TinyLFU is not more looks: 20 for 5 changed its hit ratio by
// less than 0.2 of 100. It is what it forgets. A model with the counts of all
// keys that ever went had 72.5 where one without had 69.4 (Zipf with scans between, 20,000
// keys fit). So the policies of our own remember some, see uses.go. What else was tried
// with that model, Zipf without and with scans, and with keys that are all new after some
// time:
//
//	                                              Zipf  scans  new keys
//	LRU                                           73.7   58.5   70.6
//	LFU, halved every 10 turnovers                76.4   69.4   67.8
//	  all keys that went remembered               77.1   72.5   67.8
//	  1/2, 1, 2, 4 ghosts a key              76.8 - 77.1   70.1, 71.0, 71.6, 72.3   67.8
//	  2 ghosts, halved every 5, 20 turnovers      75.7, 77.7   67.8, 73.8   69.6, 67.0
//	  2 ghosts, 32 turnovers                      77.9   74.8   66.1
//	count-min sketch of all uses, 8 counters a key  77.3   68.4   67.3
//	  2 ghosts, 16, of equals the newest goes     77.5   74.7   65.8
//	otter (W-TinyLFU)                             77.6   75.3   62.6
//
// That the newest of equals goes was better with scans, but keeps what was there first,
// used or not: in a store that begins full of keys nobody asks for, 70.1 for 72.5. Turnovers are of
// uses in the model; in stripes they are of new keys, as uses gather in the stripes
// of a few keys, which cost 1 of 100. The
// sketch, which is what TinyLFU is named for, would cost every hit a miss of the cache,
// and counts in it are those of several keys.
//
// # Expiry
//
// Entries with a deadline stand in a heap by stripe. One timer rings for the next that is
// due, at most ten times a second; then up to 32 keys or fields are deleted under one
// lock, stripe after stripe, as often as needed. 5 million keys that all expire within one
// minute take 0.9 us of processor time each, in 175,000 holds of a lock, of which 999 in
// 1000 take less than 0.31 ms on a busy machine; 500,000 keys stay, and the heap goes from 342 to 42 MB.
//
// # Leaving and coming back
//
// A snapshot is the chunks of a cut (Cut.Export), a recovery the way back: chunks, then
// records (type Recovery). With a million strings of 64 bytes and keys of 16, on two
// quiet cores: 0.09 s to export them with one goroutine, 89 bytes each; 0.14 s to load
// them with two, from memory; 0.5 s to replay as many records of SET with one, where Apply,
// which locks all stripes and could undo, takes more than twice as long; 0.11 s for a digest.
//
// What a snapshot holds locks for (BenchmarkCutHolds): all of them for 41 to 119 us, with
// one and with five million keys, while the cut is made; then one at a time, of a thousand
// times 999 for less than 34 and 41 us.
//
// Chunks load so fast as all keys of one are in one stripe, whose table stays in the
// cache. The records of a log are in no order: half of their time is misses of the cache.
// What was tried against them made no difference that could be measured: to look at the
// places of 32 records' keys before the first is replayed, so that the processor waits
// for all of them at once, and to leave alone the counters that all stripes share.
//
// # Validate, then mutate
//
// A mutator that returns an error has changed nothing. Whoever combines several
// makes every check before the first change, or asks for Undo at Begin.
package engine
