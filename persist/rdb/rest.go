package rdb

import (
	"bytes"
	"io"
)

// Rest is what follows the file in the stream, if Options.Follows allows that something
// does. It is there once Next has returned io.EOF, and begins at Report's Bytes.
func (r *Reader) Rest() io.Reader {
	read := bytes.NewReader(r.in.buf[r.in.pos:r.in.end])
	if r.in.src == nil {
		return read
	}
	return io.MultiReader(read, r.in.src)
}
