package command

import (
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// scores is members, with their scores if asked for: couples in RESP3, flat in
// RESP2.
var scores = reply.Codec[Scores]{Put: func(w *wire.Writer, r Scores) {
	switch n := len(r.Entries); {
	case !r.With:
		w.Array(n)
	case w.Proto >= 3:
		w.Array(n)
	default:
		w.Array(2 * n)
	}
	for _, e := range r.Entries {
		if r.With && w.Proto >= 3 {
			w.Array(2)
		}
		w.Bulk(e.Member)
		if r.With {
			w.Double(e.Score)
		}
	}
}}

var firstMember = reply.Codec[Scores]{Put: func(w *wire.Writer, r Scores) {
	if len(r.Entries) == 0 {
		w.Null()
		return
	}
	w.Bulk(r.Entries[0].Member)
}}
