package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// DBSize is DBSIZE.
var DBSize = define(Info{"dbsize", "server", "1.0.0", ReadOnly | Fast, "keyspace", "Returns the number of keys of the database."},
	(*DBArgs).walk, func(tx *engine.Tx, a DBArgs) (int64, error) { return tx.Engine().Len(a.DB), nil }, &reply.Int)

// FlushArgs are the arguments of FLUSHDB and FLUSHALL: both ways to free memory
// are the same here.
type FlushArgs struct {
	DB   int
	Mode uint8
	has  bool
}

func (a *FlushArgs) walk(w *arg.Walker) {
	a.DB = w.DB()
	a.has = a.Mode != 0
	if w.Maybe(&a.has) {
		w.Word("flush-type", &a.Mode, "ASYNC", "SYNC")
	}
}

// FlushDB is FLUSHDB, FlushAll is FLUSHALL.
var (
	FlushDB = define(Info{"flushdb", "server", "1.0.0", Write | WholeStore, "keyspace,dangerous", "Deletes all keys of the database."},
		(*FlushArgs).walk, func(tx *engine.Tx, a FlushArgs) (r reply.None, err error) {
			_, err = tx.FlushDB(a.DB)
			return r, err
		}, &reply.OK)
	FlushAll = define(Info{"flushall", "server", "1.0.0", Write | WholeStore, "keyspace,dangerous", "Deletes all keys of all databases."},
		(*FlushArgs).walk, func(tx *engine.Tx, _ FlushArgs) (r reply.None, err error) {
			for db := range tx.Engine().Databases() {
				if _, err := tx.FlushDB(db); err != nil {
					return r, err
				}
			}
			return r, nil
		}, &reply.OK)
)

// SwapArgs are two databases.
type SwapArgs struct{ A, B int64 }

func (a *SwapArgs) walk(w *arg.Walker) {
	first, second := arg.Errf("invalid first DB index"), arg.Errf("invalid second DB index")
	w.Int32("index1", &a.A, first, first)
	w.Int32("index2", &a.B, second, second)
}

// SwapDB is SWAPDB.
var SwapDB = define(Info{"swapdb", "server", "4.0.0", Write | Fast | WholeStore, "keyspace,dangerous", "Makes two databases change places."},
	(*SwapArgs).walk, func(tx *engine.Tx, a SwapArgs) (r reply.None, err error) {
		n := int64(tx.Engine().Databases())
		if a.A < 0 || a.A >= n || a.B < 0 || a.B >= n {
			return r, ErrDB
		}
		if a.A == a.B {
			return r, nil
		}
		return r, tx.SwapDB(int(a.A), int(a.B))
	}, &reply.OK)
