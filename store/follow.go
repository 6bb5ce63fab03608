package store

import (
	"context"

	"github.com/residedb/reside/replicate"
)

// Replicate tells a follower of all that the store has, and of every change from then on,
// as package replicate says. It returns when ctx ends, with its error, when the store is
// closed, when the follower fails, or with replicate.ErrTooSlow. Several followers may be
// told at once, and followers that are stores may have followers of their own. Writers do
// not wait for any of them.
func (s *Store) Replicate(ctx context.Context, f replicate.Follower, o replicate.Options) error {
	if s.eng.InTx(ctx) {
		return ErrInTx
	}
	return s.feed.Replicate(ctx, f, o)
}

// Follower is the end at which a store that was made with Options.Follower takes what its
// primary has. It is for one stream after another: the last one that begins takes over. A
// transaction of the primary is one here, and is never seen in part. A store that is kept
// on disk keeps what it takes, with the primary's positions, and Append returns when it
// is as durable as the store's policy wants.
func (s *Store) Follower() replicate.Follower { return s.sink.Follower() }

// Promote makes a store that is a follower one that takes writes. Its content and its
// position stay; its history is a new one, which its own followers are told of. A store
// that is kept on disk takes a snapshot, and returns when that is there; on error it is a
// follower still, and Promote may be called again. It fails with replicate.ErrNotFollower
// if the store is none. O(1) in memory.
//
// Redis: REPLICAOF NO ONE
func (s *Store) Promote(ctx context.Context) error {
	if s.eng.InTx(ctx) {
		return ErrInTx
	}
	return s.sink.Promote(ctx)
}

// ReplicationStatus says how replication is doing.
type ReplicationStatus struct {
	Follower bool // the store is one
	// History is what the store's followers know its positions by.
	History string
	// Followers is how many are told of changes, or get a snapshot.
	Followers int
	// Backlog is how many bytes of memory are kept for them, from the record at position
	// First on; First is 0 while nothing is kept.
	Backlog int64
	First   int64
}

// ReplicationStatus says how replication is doing. O(1).
//
// Redis: INFO replication
func (s *Store) ReplicationStatus() ReplicationStatus {
	of := s.feed.Status()
	return ReplicationStatus{s.eng.Replica(), of.History, of.Followers, of.Backlog, of.First}
}
