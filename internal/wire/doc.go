// Package wire is the syntax of RESP2 and RESP3, Redis's protocol, and nothing
// of its commands: Reader takes commands apart, Writer puts replies together.
//
//	*2\r\n$3\r\nGET\r\n$1\r\nk\r\n     a command: an array of bulk strings
//	$5\r\nhello\r\n                    a reply
//
// A Reader hands out slices of its own buffer, valid until the next command. A
// Writer appends to one buffer, so a batch of pipelined commands is answered
// with one write.
package wire
