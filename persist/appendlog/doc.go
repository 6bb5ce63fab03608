// Package appendlog keeps a store's records in files, one behind the other: it is the
// persist.Log of a store with a directory. It also archives them, reads a part of an
// archive back, for recovery to a point in time, and checks and lists what files have.
//
// # Segments
//
// A log is a row of files, the segments. Each begins behind a position. A new one begins
// when the last one is full, and by Begin: when a snapshot is taken, when the process
// starts, after an error. Only the last is written to.
//
//	log-<number>-<position>-<history>.rlog
//
//	log-...0001-...0000-0123....rlog           1 ... 1000
//	log-...1001-...1000-0123....rlog           1001 ... 1700
//	log-...1701-...1700-0123....rlog           1701 ...
//	log-...1702-...1700-0123....rlog.tmp       is being made
//
// Numbers grow, and none is used twice. Where a segment has records behind the position at
// which one with a greater number begins, they do not count.
//
// A segment is made under another name, synced, renamed, and the directory synced, before
// it takes a record. So one that is there has a whole header.
//
// # The header
//
// All numbers are little endian. The first 16 bytes are the same in all versions of the
// format, this one and later ones, so that a later version can be told from damage:
//
//	+----------+---------+-------------+---------+----------+---------+--------+------------+
//	| "RALOG\n"| version | xxhash64 of | history | position | durable | number | xxhash64   |
//	| 6 B      | 2 B     | these 8     | 16 B    | 8 B      | 8 B     | 8 B    | of these 56|
//	+----------+---------+-------------+---------+----------+---------+--------+------------+
//
//	position  the records are those behind it
//	durable   records up to here were in the file, and synced, when it got its name. Where
//	          it is found they have to be. That its name is durable is only known once
//	          a record follows them.
//
// # A record
//
//	+--------------+--------+-------+----------+--------+--------+---------+
//	| xxhash64 of  | length | check | position | behind | clock  | effects |
//	| all the rest | 4 B    | 2 B   | uvarint  | uvarint| varint |         |
//	+--------------+--------+-------+----------+--------+--------+---------+
//	                                └────────────── "length" bytes ────────┘
//
//	check     of the length: a search for records need not look at most of the bytes
//	position  counted from that of the segment
//	behind    how far the last position that was durable was behind this one
//	clock     in milliseconds, counted from that of the record before
//
// Where "behind" is 0 it is no record but a mark: all up to its position is durable. Close
// writes one if that is so.
//
// The checksum is mixed with that of the header. So a record of another segment, in a
// block of the disk that was used before, is not taken for one of this. A record of 100
// bytes takes 20 more.
//
// # What is torn and what is damaged
//
// Who is killed, or loses power, leaves a tail that is not whole. The disk writes in any
// order: there may be whole records behind what is missing. That is no loss of anything
// that was durable, and the tail is cut off:
//
//	durable      ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
//	found        ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░▓▓▓▓░░░
//	                                         ↑ cut here
//
// But what was durable must be there. Every record says up to where the log was durable
// when it was written, and so does the header of a segment. So where a record is not
// whole, and a whole one behind it, or a later segment, says that it was durable, the log
// is damaged, and is not opened: *persist.DamageError says where. With fsync after each
// batch, that is so for any record but those of the last batch.
//
// With Options.Repair the log is opened with all that comes before the damage. What comes
// after it is renamed or copied to *.damaged, and never deleted.
//
// # Files that failed
//
// After an error of a write or of an fsync nobody knows what a disk has, whatever it says
// later: the page cache can show bytes that were not written and never will be. So a
// segment that met an error is not appended to any more, and what was not known to be
// durable before it is not believed to be so by a later fsync.
//
// The same holds for what another process left: it may have died because of such an
// error. Begin after Replay therefore writes the records that no mark says were durable
// once more, into the new segment, which begins behind the last one that was. It is
// mostly those of one batch.
package appendlog
