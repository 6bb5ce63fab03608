// Package aof reads the append-only data of Redis: the one file of Redis 2 to 6, and the
// directory of Redis 7. What a store does with it is store.Store.ImportAOF.
//
// # The data
//
// It is commands, in the order in which the server ran them, behind the content that there
// was when the file was last rewritten. Redis 7 has that in several files, and a manifest
// that says which ones count:
//
//	appendonly.aof.manifest      file appendonly.aof.2.base.rdb seq 2 type b
//	                             file appendonly.aof.3.incr.aof seq 3 type i
//	                             file appendonly.aof.4.incr.aof seq 4 type i
//
//	+-------------------+   +-------------------+   +-------------------+
//	| ...2.base.rdb     | > | ...3.incr.aof     | > | ...4.incr.aof     |
//	| RDB, or commands  |   | commands          |   | commands          |
//	+-------------------+   +-------------------+   +-------------------+
//
// Files of the type h, history, are left over from before, and do not count. A name with
// spaces or other bytes stands in quotes, as redis-cli has them: "a \"b\" \x07.aof".
//
// The one file of an older Redis is commands alone, or, with aof-use-rdb-preamble, both:
//
//	+------------------------+----------+----------+----------+---
//	| an RDB file, the       | command  | command  | command  | ...
//	| preamble: see persist/rdb |       |          |          |
//	+------------------------+----------+----------+----------+---
//
// # A command
//
// Every word says how long it is, in decimal digits. Lines end with CR and LF:
//
//	*3            so many words
//	$3            of so many bytes
//	SET
//	$1
//	a
//	$5
//	hello
//	#TS:1700000000       an annotation: what follows was done then, in unix seconds
//
// In every file database 0 is selected at first. What stands between MULTI and EXEC was
// done as one, and Next returns it so.
//
// # The end
//
// A server that was killed, or that lost power, leaves a last file that ends in the middle
// of a command, or between MULTI and EXEC. As redis-server does with aof-load-truncated,
// which is its default, the data then ends behind the last thing that is whole, and
// Report.Cut says what was left out:
//
//	*2 $4 INCR $1 a | *1 $5 MULTI | *2 $4 INCR $1 b | *2 $4 IN
//	                ↑ cut here
//
// With Options.Strict that is an error. An end like this in a file that others follow is
// damage in any case, and so is everything else that is not laid out as above: it is a
// *persist.DamageError with file and offset. Nothing that was read before it is taken
// back; who wants all or nothing waits for io.EOF.
//
// # Memory
//
// A length is not believed before so many bytes have come. The memory is that of the
// longest command, or of a whole transaction, and at most some times what was read.
package aof
