// Package script runs test scripts, commands with the replies they must get,
// against anything that speaks RESP: a real redis-server and Reside alike.
//
//	# a comment
//	=== name of the case
//	> SET k "a\r\nb" EX 10
//	+OK
//	> HGETALL h
//	["f" "v"]
//	3 {"f" "v"}
//
// A case starts on fresh connections with an empty server (FLUSHALL). A command
// is split into words as redis-cli does. The line under it is the reply; where
// RESP3's differs it stands on a second line behind "3 ". Replies are written
//
//	+OK  -ERR text  :12  "bulk\r\n"  nil  nil[] (null array)  ["a" :1]
//	{"k" :1} (map)  ~["a"] (set)  ,1.5 (double)  #t  (123 (big number)  =txt:"..."  >["push"]
//
// Other marks than > change how the reply is compared or who sends:
//
//	>~ SMEMBERS s      the order of the elements does not matter
//	>? PTTL k          the next line is /a regular expression/ over the notation
//	@2> BLPOP k 0      connection 2 sends; the runner waits until it is blocked
//	@2! SET k v        connection 2 sends and gets its reply, on the next line
//	@2~ SMEMBERS s     so, in any order
//	@2? PTTL k         so, by a regular expression
//	@2<                connection 2's reply to what it sent, or a push, on the next line
//
// Record writes the replies of a real server under the commands; whoever records
// reads them before he believes them:
//
//	go test ./internal/script -run TestRecord -record ../command/testdata/list.script
package script
