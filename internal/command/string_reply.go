package command

import (
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// The replies of SET: OK or null, or with GET the value before.
var (
	setDone = reply.Codec[SetResult]{Put: func(w *wire.Writer, r SetResult) { reply.Done.Put(w, r.Written) }}
	setOld  = reply.Codec[SetResult]{Put: func(w *wire.Writer, r SetResult) { reply.Bulk.Put(w, r.Old) }}
)
