package persist

import (
	"context"
	"io"
)

// Archive takes pieces of a log, from which the content at any position or time since can
// be had again, given a snapshot before it. A log calls it from one goroutine of its own,
// in the order of the pieces.
type Archive interface {
	// Put keeps a piece under a name, which is a file's name without a folder. When it
	// returns nil the piece is durable, and the log may drop it. After an error, and also
	// after the process had ended, it is called again, with the same name and content,
	// which then replace what is there. The context is done when the log is closed.
	Put(ctx context.Context, name string, content io.Reader) error
}
