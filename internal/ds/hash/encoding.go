package hash

import (
	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/packed"
)

// Encoding is the name that OBJECT ENCODING shows.
func (h *Hash) Encoding() string {
	switch {
	case h.table != nil:
		return "hashtable"
	case h.due != nil:
		return "listpackex"
	}
	return "listpack"
}

// Restore takes the hash back to an encoding it had, when changes are undone.
func (h *Hash) Restore(encoding string) {
	if h.table != nil && encoding != "hashtable" {
		h.shrink()
	}
	if encoding == "listpack" {
		h.due = nil
	}
}

// grow turns the packed sequence into a table.
func (h *Hash) grow() {
	table := &dict.Dict{Layout: dict.Layout{Values: true}}
	h.Each(func(f, v []byte) bool {
		table.Put(f, dict.Hash(f), v)
		return true
	})
	h.small, h.table = packed.Seq{}, table
}

// shrink turns the table into a packed sequence.
func (h *Hash) shrink() {
	h.Each(func(f, v []byte) bool {
		h.small.PushBack(f)
		h.small.PushBack(v)
		return true
	})
	h.table = nil
}
