// Package bench compares Reside with its peers in one run, and the server with
// redis-server. It is a module of its own, so that the peers stay out of the
// library's go.mod.
//
// # Contests
//
// A contest is what an application does with one kind of data; each entrant plays
// it with the same keys in the same order:
//
//	string   get, set, delete        map and RWMutex, 64 of them, sync.Map, xsync, buntdb
//	counter  incr                    the same
//	hash     set, get                maps of maps, under one lock and under 64
//	one hash the same                the same
//	list     push, pop               slices, likewise
//	one list the same, ranges        a slice under a lock
//	set      add, contains           maps, likewise
//	one set  the same                the same
//	two sets add, intersect ...      two maps under one lock
//	zset     add, score, rank, range a map and a counted B-tree (tidwall/btree), likewise
//	one zset the same                the same; a map and google/btree, which has no ranks
//	database what else buntdb has    buntdb
//
// Keys, fields, members and values are strings of 16 bytes. The contest's steps
// follow one another: the first fills the entrant with n elements, each further
// one touches every element once, in another random order, by 1 or 4 goroutines.
// Entrants take turns, several times; what counts is the median, and for a
// comparison the median of the ratios within each turn, since a machine is never
// quiet.
//
// # What is fair
//
// Every entrant owns its memory: what it keeps it copies, so peers clone the
// strings that they put into their maps; Reside copies bytes into its own. What
// is read is handed out as a Go string: peers hand out the one that they keep,
// which is safe because strings do not change; Reside allocates a new one, as it
// overwrites its memory in place. (A range of a list is read twice: as the slice's own
// strings, and as copies of them.) Reside's handles are made anew for each call,
// as is natural with many keys; keeping one saves the hashing of the key. Peers
// do nothing about deadlines, memory limits, watches, transactions or effects.
//
// # Hit ratios
//
// TestCacheTable plays traces of keys to caches that the same number of keys fit
// into: Reside by each policy, redis-server by allkeys-lru and allkeys-lfu, otter
// (W-TinyLFU). One trace asks by Zipf's law, in the other scans pass between, which
// ask for as many keys as fit, each once. LRU of Reside and of Redis knows seconds
// only, so Reside's clock goes as redis-server took for the same trace.
//
// # Running it
//
//	go test ./internal/bench                                     # that it all works, in a second
//	go test ./internal/bench -run TestTable -table -timeout 1h   # the README's table, and the floors
//	go test ./internal/bench -run TestServerTable -table         # redis-server beside the server
//	go test ./internal/bench -run TestCacheTable -table -v       # hit ratios beside redis-server's and otter's
//	go test ./internal/bench -run '^$' -bench String -count 5    # one contest, for benchstat
package bench
