package arg

import (
	"bytes"
	"fmt"
)

// Error is an error that a client sees as "CODE text".
type Error struct {
	Code, Text string
	Kind       error // the general error that this is a case of, for errors.Is; may be nil
}

// Error gives the text without the code.
func (e Error) Error() string { return e.Text }

// Unwrap gives the general error.
func (e Error) Unwrap() error { return e.Kind }

// Errf makes an Error with the code ERR.
func Errf(format string, args ...any) error {
	return Error{Code: "ERR", Text: fmt.Sprintf(format, args...)}
}

// Errors of arguments, with Redis's texts. They are made as interfaces once, so that
// handing one on costs nothing.
var (
	ErrSyntax = error(Error{Code: "ERR", Text: "syntax error"})
	ErrNotInt = error(Error{Code: "ERR", Text: "value is not an integer or out of range"})
	// ErrNegatable is the error of an integer that has to be one that can be negated.
	ErrNegatable = error(Error{Code: "ERR", Text: "value is out of range, value must between -9223372036854775807 and 9223372036854775807"})
	// ErrNot32 is the error of an integer that needs more than 32 bits.
	ErrNot32    = error(Error{Code: "ERR", Text: "value is out of range, value must between -2147483648 and 2147483647"})
	ErrNotFloat = error(Error{Code: "ERR", Text: "value is not a valid float"})
)

// ErrArity is the error of a wrong number of arguments.
func ErrArity(name string) error {
	return Errf("wrong number of arguments for '%s' command", name)
}

// Printed is what C's printf shows of a word with room for n bytes: nothing from a
// zero byte on.
func Printed(b []byte, n int) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return b[:min(len(b), n)]
}
