package aof

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnknown is what a *CommandError is for a command that there is not.
var ErrUnknown = errors.New("aof: there is no such command")

// CommandError says which command of the data could not be run. Its text has no argument
// of it, so it may be logged where the data is secret.
type CommandError struct {
	Place
	Name string // in upper case, with its subcommand if it has one
	Err  error  // why, for errors.Is; its text may have words of the command in it
}

// Error says command, file and offset.
func (e *CommandError) Error() string {
	what := "failed"
	if errors.Is(e.Err, ErrUnknown) {
		what = "is not supported"
	}
	return fmt.Sprintf("aof: the command %s at offset %d of %s %s", e.Name, e.Offset, e.File, what)
}

// Unwrap is the reason.
func (e *CommandError) Unwrap() error { return e.Err }

// Skipped is a command that was passed over, whatever its arguments were.
type Skipped struct {
	Name  string
	Times int64
	First Place // of the first time
}

// longestName is of what is still taken for the name of a command.
const longestName = 64

// NameOf is a command's name as it may be shown: in upper case, and "?" if it cannot be
// one, as it may be a value then.
func NameOf(word []byte) string {
	if len(word) == 0 || len(word) > longestName {
		return "?"
	}
	for _, c := range word {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-|", rune(c)) {
			return "?"
		}
	}
	return strings.ToUpper(string(word))
}
