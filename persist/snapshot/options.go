package snapshot

import "sync/atomic"

// Options are for writing and reading. The zero value is useful.
type Options struct {
	// Keep is how many snapshots a directory has after one was made, that one included:
	// 1 if it is less.
	Keep int
	// Uncompressed stores all chunks as they are. Otherwise those that get smaller by a
	// quarter are compressed.
	Uncompressed bool
	// Creator is kept in the file for people to read: the Go version and the platform
	// if it is empty.
	Creator string
	// Name is what errors call a stream: "stream" if it is empty. Files have their own.
	Name string
}

func (o *Options) name() string {
	if o.Name == "" {
		return "stream"
	}
	return o.Name
}

// Counts says how far the writing or reading of a snapshot is.
type Counts struct {
	Chunks  int64
	Keys    int64
	Effects int64 // bytes of effects, uncompressed
	Bytes   int64 // of the stream, compressed
}

// tally counts. One goroutine at a time adds to it, any can look.
type tally struct {
	chunks, keys, effects, bytes atomic.Int64
}

// chunk counts one with its head.
func (t *tally) chunk(h head) {
	t.chunks.Add(1)
	t.keys.Add(int64(h.keys))
	t.effects.Add(int64(h.raw))
	t.bytes.Add(headSize + int64(h.stored))
}

func (t *tally) counts() Counts {
	return Counts{t.chunks.Load(), t.keys.Load(), t.effects.Load(), t.bytes.Load()}
}
