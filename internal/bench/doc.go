// Package bench compares Reside with its peers in one run, and the server with
// redis-server. It is a module of its own, so that the peers stay out of the
// library's go.mod.
//
// # Contests
//
// A contest is what an application does with one kind of data; each entrant plays
// it with the same keys in the same order:
//
//	string   get, set, delete        map and RWMutex, 64 maps, sync.Map, xsync, buntdb
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
// # Memory and the garbage collector
//
// TestMemoryTable fills every implementation with a million elements, and weighs it
// several times until there are two million: tables grow by steps, so the worst is what
// counts. What resides in the program is weighed by the heap that is in use after a
// collection, redis-server by its used_memory. TestCollections takes the processor
// time of one collection with many keys resident.
//
// # The servers
//
// TestServerTable lets redis-benchmark measure Reside's server, redis-server and a bare
// server that keeps nothing, each a process of its own, in turn, test by test. Beside
// requests a second it tells the processor time of the server a command: on a machine
// that others use, that moves less. Servers are emptied before each turn.
//
// # Snapshots and logs
//
// TestDurableTable saves, loads, logs, recovers and rewrites the same keys in Reside, in
// buntdb and in redis-server, on the same disk in turn. How long redis-server loads it
// tells itself, in its log.
//
// # Hit ratios
//
// TestCacheTable plays traces of keys to caches that the same number of keys fit
// into: Reside by each policy, redis-server by allkeys-lru and allkeys-lfu, otter
// (W-TinyLFU). One trace asks by Zipf's law, in the other scans pass between, which
// ask for as many keys as fit, each once. LRU of Reside and of Redis knows seconds
// only, so Reside's clock goes as redis-server took for the same trace.
//
// # Names
//
// Results are lines of Go's benchmark format, whether a benchmark prints them or a table
// stores them in testdata, and their names have keys by which benchstat can compare:
//
//	BenchmarkHandles/type=string/op=get_hit/g=4/peer=xsync
//	BenchmarkMemory/type=hash_of_10_fields/peer=reside
//	BenchmarkCollection/keys=1000000/peer=map_rwmutex
//	BenchmarkDurable/work=load/keys=1000000/peer=reside
//	BenchmarkServers/test=set/pipeline=16/peer=redis-server
//
// A benchmark of one step has those before it done first, unmeasured. Its operation is
// what is done for one element, by g goroutines together; cpu-ns/op is the processor
// time of the whole process, the garbage collector's included.
//
//	go test -run '^$' -bench Handles/string/get_hit/4 -count 6 ./internal/bench | tee new.txt
//	benchstat -col /peer new.txt
//	benchstat -col /peer -row '/type /op /g' internal/bench/testdata/handles.txt
//
// # The README
//
// README's tables and plots are made of the results in testdata, and a test holds them
// to that: they are never written by hand. With -update a table's results are stored,
// and README and plots written anew; alone, it writes them from what is stored.
//
// # Running it
//
//	go test ./internal/bench                                      # that it all works, in seconds
//	go test ./internal/bench -run Table -table -update -timeout 4h # everything for the README, and the floors
//	go test ./internal/bench -run TestTable -table -v             # the handles alone, stored nowhere
//	go test ./internal/bench -run TestServerTable -table -v       # redis-server beside the server
//	go test ./internal/bench -run TestMemoryTable -table -v       # bytes a key
//	go test ./internal/bench -run TestCollectionTable -table -v   # the garbage collector, with 5 million keys
//	go test ./internal/bench -run TestDurableTable -table -v      # snapshots and logs
//	go test ./internal/bench -run TestCacheTable -table -v        # hit ratios beside redis-server's and otter's
//	go test ./internal/bench -run TestReadme -update              # README and plots from what is stored
package bench
