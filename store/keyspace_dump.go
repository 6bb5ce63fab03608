package store

import (
	"context"
	"time"

	"github.com/residedb/reside/internal/command"
)

// Errors of RestoreKey.
var (
	// ErrKeyTaken: the key is there already.
	ErrKeyTaken error = command.ErrBusyKey
	// ErrPayload: what should be restored is not as DumpKey or Redis has made it, or of a
	// later version.
	ErrPayload error = command.ErrPayload
	// ErrBadPayload: what should be restored has a right checksum, but is no value that
	// this library has.
	ErrBadPayload error = command.ErrBadPayload
)

// DumpKey returns the value of a key, without its time to live, in a form that RestoreKey
// and Redis (5.0 and later; 7.4 for a hash with fields that have deadlines) take; ok is
// false if the key is missing. O(n) of the value's elements.
//
// Redis: DUMP
func (k keyspace) DumpKey(ctx context.Context, key string) (payload []byte, ok bool, err error) {
	a := command.KeyArgs{Key: k.key(key)}
	payload, err = command.Dump.Value(ctx, k.at, a.Key, a)
	return payload, payload != nil, err
}

// RestoreOptions are for RestoreKey. The zero value makes a key without a deadline, if
// there is none of that name.
type RestoreOptions struct {
	Deadline time.Time     // the zero value is for none; one that has passed makes no key
	Replace  bool          // what is there is gone
	Idle     time.Duration // for how long it was not used, under a policy of LRU
	Freq     uint8         // how often it was used, under a policy of LFU, 0 for a new key
}

// RestoreKey makes a key of what DumpKey has returned, or DUMP of a Redis up to 8.0. It
// fails with ErrKeyTaken, ErrPayload or ErrBadPayload. O(n) of the value's elements.
//
// Redis: RESTORE
func (k keyspace) RestoreKey(ctx context.Context, key string, payload []byte, o RestoreOptions) error {
	a := command.RestoreArgs{
		Key: k.key(key), Payload: payload, Replace: o.Replace, AbsTTL: true,
		HasIdle: o.Idle > 0, Idle: int64(o.Idle / time.Second), HasFreq: o.Freq > 0 && o.Idle <= 0, Freq: int64(o.Freq),
	}
	if !o.Deadline.IsZero() {
		a.TTL = max(o.Deadline.UnixMilli(), 1)
	}
	_, err := command.Restore.Value(ctx, k.at, a.Key, a)
	return err
}
