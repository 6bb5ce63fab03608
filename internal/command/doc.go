// Package command is the table of commands: one op and one row each.
//
// An op is a function of a transaction and its arguments,
//
//	func get(tx *engine.Tx, a KeyArgs) ([]byte, error)
//
// without lock, argv or reply. Its row names the argument struct, whose walk
// method is read by package arg, and the reply's codec. The row serves every
// caller: a client over RESP (Call), a typed handle (Row.Do), and COMMAND's
// description of itself. What a result borrows from the engine is valid until
// the transaction ends.
//
// To add a command, write its script in testdata, then the argument struct with
// its walk method, the op, the row, and name the row in its family's list.
package command
