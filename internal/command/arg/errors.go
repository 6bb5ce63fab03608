package arg

import "fmt"

// Error is an error that a client sees as "CODE text".
type Error struct{ Code, Text string }

// Error gives the text without the code.
func (e Error) Error() string { return e.Text }

// Errf makes an Error with the code ERR.
func Errf(format string, args ...any) error { return Error{"ERR", fmt.Sprintf(format, args...)} }

// Errors of arguments, with Redis's texts.
var (
	ErrSyntax = Error{"ERR", "syntax error"}
	ErrNotInt = Error{"ERR", "value is not an integer or out of range"}
	// ErrNegatable is the error of an integer that has to be one that can be negated.
	ErrNegatable = Error{"ERR", "value is out of range, value must between -9223372036854775807 and 9223372036854775807"}
	ErrNotFloat  = Error{"ERR", "value is not a valid float"}
)

// ErrArity is the error of a wrong number of arguments.
func ErrArity(name string) error {
	return Errf("wrong number of arguments for '%s' command", name)
}
