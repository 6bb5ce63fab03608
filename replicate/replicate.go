// Package replicate is how a store's content gets to others that follow it, and stays
// the same there: the interface that a follower implements, in the manner of log/slog's
// Handler.
//
// A store that was opened as a follower implements it, so this is replication within a
// process:
//
//	primary := store.New(store.Options{})
//	copy := store.New(store.Options{Follower: true})
//	err := primary.Replicate(ctx, copy.Follower(), replicate.Options{})
//
// Protocols between processes are built of the same two halves: at the primary a Follower
// that writes to a connection, at the other end one that reads from it and calls a
// store's. What else wants to hear of every change, such as an index or a stream for
// others to read, is a Follower of its own. Package replicatetest can check one.
//
// # What a follower is told
//
// Every transaction of the primary that changes something is a record, with a position:
// 1, 2, 3 and so on. A follower gets the whole content at one position, and from then on
// every record, without a gap:
//
//	position   ...  1000 │ 1001 1002 1003 ...
//	                  │     │    │    │
//	follower    snapshot    records
//
// A follower that knows a position already, as it was cut off, goes on from there if the
// primary still has the records behind it. A primary keeps the last ones in memory, in a
// backlog that all its followers read, each at its own pace:
//
//	        dropped │ backlog                    │
//	... 997 998 999 │ 1000 1001 1002 1003 1004   │
//	                   ▲         ▲          ▲
//	           slow follower   another    the next record
//
// # Who calls what
//
// One call of Replicate is one stream, and makes its calls one after another:
//
//	State                           what do you have?
//	Create, chunks, Commit          all of it, at a position, or
//	Continue                        go on from where you are
//	Append, Append, ...             what comes behind
//
// but for chunks of a snapshot, of which several are written at once. Create comes once
// more, behind State, when the primary's content is replaced by another, as by Restore.
// Continue comes once more when the history that the records belong to has a new name.
//
// # Slow followers
//
// Writers never wait for a follower. The records that one has still to take stand in the
// backlog, up to Backlog.Lag bytes. One that falls behind further, or takes longer than
// Options.Patience for one call, is too slow: the context of its call is done, and Replicate
// returns ErrTooSlow, or begins once more with a snapshot if Options.Again says so.
//
// # Durability
//
// What a follower is told is, for a primary's durability, something that is shown: with
// the policy "always" it waits for the primary's disk. With other policies a primary that
// fails may have told its followers of more than it knows itself when it starts again. So
// each start has a history of its own, and followers begin with a snapshot then.
package replicate

import (
	"context"
	"errors"
	"time"

	"github.com/residedb/reside/persist"
)

// Follower is who follows a store.
//
// One stream uses it at a time, and it may be used by another when that has ended. The
// context of a call is done when the stream ends, for whatever reason; a call should
// return soon then. Any error ends the stream, and Replicate returns it.
type Follower interface {
	// State says what the follower has. It is the first call of a stream: what an
	// earlier one has begun and not finished, such as a snapshot, is nobody's any more.
	State(ctx context.Context) (State, error)
	// Create begins a snapshot: all of the primary's content, which is to replace all
	// that the follower has. Until Commit that stays as it is. After Commit the follower
	// is at the snapshot's history and position; when it fails State tells. Its chunks and
	// their order are those of persist.SnapshotWriter, as is who may call what. Of one
	// that ends with Abort, or is not ended, nothing remains.
	Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error)
	// Continue says that the records to come go on from where the follower is. The
	// position is the follower's own, ErrGap if not. The history is that which State
	// named, or a new name of it: what comes belongs to the new one, and so does from
	// now on what the follower has.
	Continue(ctx context.Context, at State) error
	// Append takes records, one or more, in order and without a gap: the first one is
	// the one behind what the follower has. One that is not is ErrGap and changes
	// nothing. Bytes are borrowed for the call, and must not be changed. When it returns
	// nil the follower has them all; after an error it may have some of the first ones,
	// and State tells which.
	Append(ctx context.Context, records []persist.Record) error
}

// State is what a follower has: everything up to a position. The zero State is nothing.
type State struct {
	History  string // as NewHistory draws them, "" for a follower that has nothing
	Position int64
}

// Options of a stream. The zero value is useful.
type Options struct {
	// Again begins once more with a snapshot when the follower was too slow, instead of
	// ending with ErrTooSlow.
	Again bool
	// Patience is how long one call of the follower may take, a minute if 0
	// (Redis: repl-timeout). Taking a chunk of a snapshot is a call.
	Patience time.Duration
}

// Backlog says how much a primary keeps in memory for its followers. The zero value is
// useful. While nobody follows, and nobody did for Keep, nothing is kept.
type Backlog struct {
	// Bytes are kept of the newest records, for a follower that was cut off: 1 MiB if 0
	// (Redis: repl-backlog-size).
	Bytes int64
	// Lag is how many bytes of records a follower may be behind, 64 MiB if 0, without the
	// last one, however long that is. The backlog has no more, but for a record at each end
	// (Redis: client-output-buffer-limit).
	Lag int64
	// Keep is how long a backlog is kept when the last follower has gone: a minute if 0,
	// not at all if negative (Redis: repl-backlog-ttl).
	Keep time.Duration
}

// Errors of streams. Test for them with errors.Is.
var (
	// ErrTooSlow: the follower is further behind than the backlog reaches, or has taken
	// too long for a call.
	ErrTooSlow = errors.New("replicate: the follower is too slow")
	// ErrGap: what comes does not belong behind what the follower has.
	ErrGap = errors.New("replicate: it does not follow what the follower has")
	// ErrSuperseded: another stream uses the follower by now.
	ErrSuperseded = errors.New("replicate: another stream uses the follower")
	// ErrNotFollower: the store was not opened as a follower, or is one no more.
	ErrNotFollower = errors.New("replicate: the store is no follower")
)
