package vfs

// node is a file: its bytes as programs see them, and what of them is durable.
//
//	disk   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓         at the last sync
//	data   ▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░░░░░  now: truncated since, and written to
//	       0          kept
//
// The two share memory: bytes that either has are never overwritten. Behind a length
// at which it was cut, data is not appended to in place.
type node struct {
	data []byte
	disk []byte
	kept int // the first bytes that both have, at most len(disk)
}

func (n *node) readAt(b []byte, at int64) int {
	if at >= int64(len(n.data)) {
		return 0
	}
	return copy(b, n.data[at:])
}

func (n *node) truncate(size int) {
	n.data = n.data[:size:size]
	n.kept = min(n.kept, size)
}

func (n *node) sync() { n.disk, n.kept = n.data, len(n.data) }
