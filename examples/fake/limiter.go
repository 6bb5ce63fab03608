package main

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Limiter lets everybody do something a number of times within a window of time,
// wherever the window is put: there is no full hour at which all begin anew.
//
// It keeps the times of somebody's last visits in a sorted set, by Redis's clock, so
// that the clocks of the machines that ask do not matter.
type Limiter struct {
	client redis.UniversalClient
	limit  int
	window time.Duration
}

// NewLimiter makes a limiter of at least one visit in a window.
func NewLimiter(c redis.UniversalClient, limit int, window time.Duration) *Limiter {
	return &Limiter{c, limit, window}
}

// Allow counts a visit if there is room for it. If not it says how long to wait.
func (l *Limiter) Allow(ctx context.Context, who string) (wait time.Duration, err error) {
	key, visit := "limit:"+who, rand.Text()
	err = atomically(ctx, l.client, func(tx *redis.Tx) error {
		now, err := tx.Time(ctx).Result()
		if err != nil {
			return err
		}
		begin := strconv.FormatInt(now.Add(-l.window).UnixMicro(), 10)
		visits, err := tx.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{Key: key, Start: begin, Stop: "+inf", ByScore: true}).Result()
		if err != nil {
			return err
		}
		if wait = l.wait(visits, visit, now); wait > 0 {
			return nil
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.ZRemRangeByScore(ctx, key, "-inf", begin)
			p.ZAddNX(ctx, key, redis.Z{Score: float64(now.UnixMicro()), Member: visit})
			p.PExpire(ctx, key, l.window) // who stays away leaves nothing behind
			return nil
		})
		return err
	}, key)
	return wait, err
}

// wait is the time until there is room after these visits: none if the visit is among
// them, which happens if it was counted and the reply got lost.
func (l *Limiter) wait(visits []redis.Z, visit string, now time.Time) time.Duration {
	first := len(visits) - l.limit // the one that has to leave the window
	if first < 0 || slices.ContainsFunc(visits, func(z redis.Z) bool { return z.Member == visit }) {
		return 0
	}
	return time.UnixMicro(int64(visits[first].Score)).Add(l.window).Sub(now)
}
