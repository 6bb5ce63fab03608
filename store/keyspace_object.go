package store

import (
	"context"
	"time"

	"github.com/residedb/reside/internal/command"
)

// MemoryUsage is how many bytes a key with its value is accounted for; ok is false
// if it is missing. O(1).
//
// Redis: MEMORY USAGE
func (k keyspace) MemoryUsage(ctx context.Context, key string) (bytes int64, ok bool, err error) {
	a := command.UsageArgs{Key: k.key(key)}
	n, err := command.MemoryUsage.Value(ctx, k.at, a.Key, a)
	return n.N, n.OK, err
}

// Encoding tells how a value is kept, in Redis's words ("listpack", "intset",
// "hashtable" ...); ok is false if the key is missing. O(1).
//
// Redis: OBJECT ENCODING
func (k keyspace) Encoding(ctx context.Context, key string) (name string, ok bool, err error) {
	a := command.KeyArgs{Key: k.key(key)}
	err = command.ObjectEncoding.Do(ctx, k.at, a.Key, a, func(b []byte) error {
		name, ok = string(b), b != nil
		return nil
	})
	return name, ok, err
}

// IdleTime is for how long a key was not used, to the second; ok is false if the key is
// missing. Calls note when they use a key only under a policy of LRU, as that costs a
// look at the clock: under NoEviction, VolatileTTL and the random policies it is 0 for
// what clients of a server have not used, who note it always. Under a policy that counts
// uses (LFU, TinyLFU) it is an error. O(1).
//
// Redis: OBJECT IDLETIME
func (k keyspace) IdleTime(ctx context.Context, key string) (d time.Duration, ok bool, err error) {
	a := command.KeyArgs{Key: k.key(key)}
	n, err := command.ObjectIdleTime.Value(ctx, k.at, a.Key, a)
	return time.Duration(n.N) * time.Second, n.OK, err
}

// Frequency is the logarithmic counter, 0 to 255, of how often a key is used,
// while MaxMemory's policy is one of LFU; ok is false if the key is missing.
// O(1).
//
// Redis: OBJECT FREQ
func (k keyspace) Frequency(ctx context.Context, key string) (n int, ok bool, err error) {
	a := command.KeyArgs{Key: k.key(key)}
	f, err := command.ObjectFreq.Value(ctx, k.at, a.Key, a)
	return int(f.N), f.OK, err
}
