// Package server speaks RESP for an engine: connections, pipelining,
// authentication and the commands about them.
//
// Whoever serves a connection reads a batch of commands, runs each, and writes
// their replies at once when no further command is waiting. Commands come from one
// table: rows on data from package command, and rows about connections (session
// rows) from here.
//
// # Who serves a connection
//
// The portable path is a goroutine for each connection, which waits in Go's poller.
// On Linux, plain TCP and UNIX connections rest in an event loop instead while their
// client is silent, without a goroutine:
//
//	          the client sends              nothing is left to read
//	resting -------------------> served by the loop ----------------> resting
//	   ^                              | it has to wait, or takes long
//	   |   nothing is left            v
//	   +----------------- served by a goroutine of its own
//
// The loop's goroutine takes all connections that one epoll_wait finds ready and
// serves them one after the other. Nothing in a connection's code is split up for
// that: before it waits (a blocking command, CLIENT PAUSE, half a command, a client
// that does not take its replies), the goroutine hands the loop over to a new one and
// stays with the connection until it rests again. From a command that takes longer
// than some milliseconds, such as KEYS on many keys or a hook's code, the loop is
// taken away. There is one loop for two processors; it runs while it has connections.
// TLS, connections in memory, other systems, and builds with the tag "portable" have
// the portable path alone.
//
// Where every write has to be on disk before its reply leaves, the loop keeps back those
// who wait for that until all who are ready have been served. Then the first of them
// syncs the log, for all, and their replies go out one after another. A disk that takes
// longer than some milliseconds has the loop taken from whoever waits for it, so that
// reads of other keys go on. With redis-benchmark, 50 clients and appendfsync always that
// is one sync for 48 SETs, 0.5 to 0.6 of the processor time that it takes to hand the
// loop over and to wake a goroutine for each, and 1.2 to 1.5 times the speed: 0.87 to 1.0
// of redis-server's unpipelined, 1.25 to 1.3 times it with pipelines of 16.
//
// What it gains, measured with redis-benchmark, 50 clients, on two processors: a
// server without any store takes 10.3 us of processor time a command on the portable
// path, 7.8 in a loop (redis-server 7.8). By the clock, seven turns on a busy machine
// had medians of 58,000 and 57,000 requests a second (redis-server 59,000), the three
// fastest 64,000 to 75,000 and 54,000 to 89,000 (redis-server 84,000 to 88,000). This
// server takes 11.0 us and 8.5 unpipelined, 0.80 and 0.63 with pipelines of 16
// (redis-server 0.60). What is left is system calls: a read, a write and a part of an
// epoll_wait for each batch of a client, 80 % of the time. When more programs want
// to run than there are processors, the system shares them out by threads: the portable
// path gets more of them than one loop does, and answers more at a higher cost. A loop
// for each processor was tried, and costs as much as no loop: each wakes up for fewer
// connections. Locking the loop to its thread, and waiting by asking twenty times
// before sleeping, made no difference.
//
// # What bounds it, pipelined
//
// With pipelines of 16 the aim was 1.3 times redis-server's speed, and 0.8 to 1.26 times
// are reached. Where the time goes, by the profile, with a million keys or members
// (redis-benchmark -r 1000000): of INCR 38 % are the system calls of a batch, 30 % the two
// misses of the cache by which the key is found (its word, its block), 10 % the write of
// the new number, and the rest is reading, dispatch and the reply. Of ZADD, which moves a
// member to another score, 23 % are system calls, 20 % find the place of the old score,
// 16 % take it out there, 26 % put it in at the new one, each with the first touch of a
// leaf; 11 % find the member. redis-server does the same work with the same misses, and
// with fewer instructions for a system call.
//
// What was tried: the portable path, and the event loop (1.18 to 1.32 times it on short
// commands); replies of one batch in one write; arguments that borrow from the network's
// buffer; the call's place, key and walker kept by the connection, so that a command
// allocates nothing; a second lookup by commands that read and write left out. For ZADD,
// the sorted set in its three forms (see package zset): the second was a tenth faster at
// it, and half as fast in ranges.
package server
