// Package server speaks RESP for an engine: connections, pipelining,
// authentication and the commands about them.
//
// A connection is a goroutine. It reads a batch of commands, runs each, and
// writes their replies at once when no further command is waiting. Commands
// come from one table: rows on data from package command, and rows about
// connections (session rows) from here.
package server
