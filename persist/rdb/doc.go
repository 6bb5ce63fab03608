// Package rdb reads and writes RDB files, the dump files of Redis: those of every version
// from 1 to 12 (Redis 2.4 to 8.0) are read, and files of the versions 9 to 12 written. It
// has a Reader and a Writer over anything, and a Directory with dump.rdb in it, which is
// the persist.Snapshotter of a store that shares its file with Redis:
//
//	d, err := rdb.At("/var/lib/redis", rdb.Options{})
//	s, err := store.OpenPlaces(ctx, store.Options{Durability: store.Durability{Snapshots: d}})
//
// # The file
//
//	+---------+------+------+--------+-----+-----+----------+-----+-----+-------+
//	| "REDIS" | 0009 | aux  | select | key | key | select 1 | key | EOF | CRC64 |
//	| 5 B     | 4 B  | ...  | 0      | ... |     |          |     | 1 B | 8 B   |
//	+---------+------+------+--------+-----+-----+----------+-----+-----+-------+
//
// Everything begins with a byte. From 244 on it says what stands between keys, or in front
// of one; below that it is the type of a key's value:
//
//	250 name value      aux: something that the file says of itself
//	254 n               the database that the next keys are of
//	251 n n             how many keys that has, and how many with a deadline
//	253 4 B, 252 8 B    the deadline of the next key, in s or ms
//	248 n, 249 1 B      how long, or how often, it was not used or used: counted
//	245 string          a library of functions: not supported
//	247 ...             what a module says beside keys: not supported
//	type key value      a key
//	255                 the end
//
// A number n is of 1 to 9 bytes, and a string is n and so many bytes, or an integer, or
// packed by LZF:
//
//	00nnnnnn                      n            11000000 b              an integer of 8 bits
//	01nnnnnn nnnnnnnn             n            11000001 bb             of 16
//	10000000 nnnnnnnn * 4         n            11000010 bbbb           of 32
//	10000001 nnnnnnnn * 8         n            11000011 n n b...       packed
//
// A value is a string, or n and so many elements, or, of small collections, a string in
// which all elements are packed (ziplist, listpack, intset, zipmap). What Redis writes of
// lists is n of such strings. The Writer writes no packed ones: the plain forms take no
// more room, are made and read without a second pass, and every Redis since 5.0 loads
// them.
//
// The CRC is that of all before it. One of 0 is none, as Redis writes with rdbchecksum no:
// such a file is read, and Report.Unchecked says so. Before version 5 there was none; then
// nothing may follow the end, or else a file whose version is damaged would be one of
// those.
//
// # What a snapshot says of itself
//
// History, position, clock and so on are aux fields (reside-history and others), which
// Redis passes over. A file that has none of them is one of Redis's: it begins a history
// of its own.
//
// # Memory
//
// No length is believed before so many bytes have come. A big collection is read in chunks
// of some 64 KiB, and written so: a key stands in the file in one piece, so a part of a
// snapshot that is in the middle of one has the file for itself, while others wait. Only
// lists that the Reader has found in a file of Redis's, which does not say how long they
// are, are gathered by the Writer.
//
// # Speed
//
// One goroutine reads, checks and cuts the file, and the processors make the keys. With a
// file of 911 MB, 6.4 million keys (half of them strings, the others hashes, lists, sets
// and sorted sets of 20 elements, with values of 64 bytes), on two processors, redis-server
// 7.0.15 takes 3.2 to 3.6 times as long to load it, and 2.4 times for the file that it has
// saved itself, which is in the order of its own table; it takes 3.5 times as long to save
// without LZF, and 4.0 with it (TestSpeed).
//
// Of the time of loading a third is the system's, which hands out zeroed memory page by
// page; where it may give huge pages unasked (transparent_hugepage always) loading takes
// half the time. What was tried: room for all elements of a collection at once, as the
// first chunk says what they are (a fourth less time); chunks read into the memory of
// earlier ones (a sixth less memory, no time: what is not faulted in for chunks is for
// keys); more chunks on their way to whoever loads them, as parts are full at the same
// time (what the second one had cost).
//
// # What is not there
//
// For how long a key was not used, or how often it was, a file says if the server that has
// written it evicts by that. No snapshot of a store has it, so it is left out, and counted.
//
// Streams, functions and what modules have written are no part of this library. Each is an
// *UnsupportedError with its key and offset, or passed over, counted and reported if
// Options.Skip asks for it.
package rdb
