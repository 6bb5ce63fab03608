// Package appendlog is the log of a store in files: every transaction is a record, one
// behind another.
//
// # The files
//
// The log is cut into segments. A new one begins when the last has its size, when a
// snapshot is taken, when the log is opened, and when something has failed. Its name has
// its number and the position behind which it begins:
//
//	log-0000000007-00000000000000001700.rlog       records 1701 to 2100
//	log-0000000008-00000000000000002100.rlog       records 2101 ...
//
// A segment is a header and then records. All numbers are little endian:
//
//	header  +----------+---------+------------+---------+----------+------------+
//	        | "RLOGS\n"| version | xxhash64   | history | position | xxhash64   |
//	        | 6 B      | 2 B     | of these 8 | 32 B    | 8 B      | of these 56|
//	        +----------+---------+------------+---------+----------+------------+
//
//	record  +----------+--------+----------+-------+---------+
//	        | xxhash64 | length | position | clock | effects |
//	        | 8 B      | 4 B    | 8 B      | 8 B   | "length"|
//	        +----------+--------+----------+-------+---------+
//
// The first 16 bytes are the same in all versions of the format, so that a later version
// can be told from damage. The checksum of a record is that of all behind it, mixed with
// that of the header: a record that was left on the disk by another file is none.
//
// # What may be torn
//
// A header is synced before anything is acknowledged that is in its segment. So what is
// wrong at the end of the last segment, with nothing whole behind it, was never synced:
// it is cut off when the log is opened. Anything else is damage. After a failed write or
// sync a segment is never written to again; the next one begins behind a snapshot, so what
// the end of the old one looks like does not matter.
package appendlog
