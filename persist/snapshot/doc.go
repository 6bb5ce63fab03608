// Package snapshot is the file that a store's content is saved in: a stream format, of
// which a Writer and a Reader can be had over anything, and a Directory of such files,
// which is the persist.Snapshotter of a store with a directory.
//
// # The stream
//
// A stream is a prefix and then frames, one behind the other. All numbers are little
// endian:
//
//	+--------+--------+-------+-------+-----+-------+---------+
//	| prefix | header | chunk | chunk | ... | chunk | trailer |
//	+--------+--------+-------+-------+-----+-------+---------+
//
// The prefix is the same in all versions of the format, this one and later ones. So a
// later version can be told from damage:
//
//	+----------+---------+---------------------+
//	| "RSNAP\n"| version | xxhash64 of these 8 |
//	| 6 B      | 2 B     | 8 B                 |
//	+----------+---------+---------------------+
//
// Each frame has a head and a payload. The head has a checksum of its own, so that no
// length is believed that was not written:
//
//	+------+--------+-----+------+------+--------+------+----------+----------+---------+
//	| kind | coding | 0   | part | keys | stored | raw  | xxhash64 | xxhash64 | payload |
//	| 1 B  | 1 B    | 2 B | 4 B  | 4 B  | 4 B    | 4 B  | of the   | of the   | "stored"|
//	|      |        |     |      |      |        |      | payload  | 28 B     | bytes   |
//	|      |        |     |      |      |        |      | 8 B      | before   |         |
//	+------+--------+-----+------+------+--------+------+----------+----------+---------+
//
//	kind 'H'  the header: a msgpack map of what persist.Snapshot has, and the creator
//	kind 'C'  a chunk of a part: effects, "raw" bytes when they are unpacked
//	kind 'T'  the trailer: chunks, keys, bytes of effects, xxhash64 of the file, 8 B each
//
// The checksum of the file is that of the prefix and of all heads before the trailer's.
// The heads have the payloads' checksums, so no byte is left out, and none is summed up
// twice: chunks can be summed up by many goroutines at once. It is there so that chunks
// are not missing, doubled, in other places or from other files. Nothing may follow the
// trailer.
//
// A reader trusts no length further than it has seen bytes. It needs memory for one
// chunk.
//
// # What the content looks like
//
// The payload of a chunk is effects in the layout of package effect, in which the log
// has them too, so that one loader serves both. The same fields in msgpack (arrays and
// byte strings, coded by hand, without reflection) take 2.8 times as long to encode and
// 1.7 times as long to decode: 42 ms instead of 15 ms and 81 ms instead of 48 ms for a
// million strings with 16 byte keys and 64 byte values, 90 MB instead of 87 MB. With
// reflection on a struct it is 145 ms and 321 ms. So msgpack is for the header alone.
//
// # Compression
//
// Chunks are packed with S2 where that makes them smaller by a quarter. Where it does not
// pay the next ones are not tried, up to 64 of them. A million strings (16 byte keys, 64
// byte values), made durable by two goroutines on the two cores of an Intel Xeon:
//
//	values                  plain               S2
//	random                  81 ms, 87.1 MB      80 ms, 87.1 MB
//	JSON                    79 ms, 84.1 MB      79 ms, 32.0 MB
//	JSON, cores in use      85 ms              125 ms
//
// What S2 costs, 96 ms of one core for the JSON, is won back by what is not written, unless
// all cores have other work; the slower the disk, the more it is a gain. To read the JSON
// takes 34 ms plain and 51 ms packed (BenchmarkSnapshot). Zstandard at its fastest makes
// 13.5 MB of it, but takes 250 ms of one core, and 510 ms to find out that random bytes are
// random, where S2 takes 71 ms.
//
// # The directory
//
// A Directory has snapshots side by side with files of others:
//
//	snapshot-0000000007-00000000000000001700.rsnap         the 7th that was made, at 1700
//	snapshot-0000000008-00000000000000002100.rsnap.tmp     not finished
//
// The newest is the one that was made last, which after a recovery to a point in time may
// be of a lower position than older ones. A snapshot is written under a name that nobody
// looks for, synced, renamed, and the directory synced; only then are older ones removed.
// So there is always a whole one, if there ever was. While it is written each 8 MiB are
// synced in the background. The last Sync has little to do then (3 ms instead of 45 ms
// for a million strings), and a log beside it does not wait for all of the snapshot.
package snapshot
