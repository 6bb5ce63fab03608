package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Queue hands out jobs, each until it is done: a worker has a job for the time of the
// lease, and when he has died, another gets it. So a job may be begun twice, and none
// is lost.
//
// Jobs are known by an id. It stands in the list of those that are ready, or in that
// of those that are taken, where BLMOVE brings it in one step. A sorted set has the
// times, by Redis's clock, at which jobs become ready: those that were pushed with
// a delay, and those that are taken, when their lease ends. It is what WATCH watches.
type Queue struct {
	client              redis.UniversalClient
	lease, look         time.Duration
	jobs                string // hash: bodies by id
	ready, taken, later string
}

// Job is something to do.
type Job struct{ ID, Body string }

// NewQueue makes a queue. Its keys have one hash tag, so that they stand together in a
// cluster. Those who work look every second for jobs whose time has come.
func NewQueue(c redis.UniversalClient, name string, lease time.Duration) *Queue {
	prefix := "queue:{" + name + "}:"
	return &Queue{c, lease, time.Second, prefix + "jobs", prefix + "ready", prefix + "taken", prefix + "later"}
}

// Push adds a job, for at once or for later.
func (q *Queue) Push(ctx context.Context, body string, delay time.Duration) (id string, err error) {
	now, err := q.client.Time(ctx).Result()
	if err != nil {
		return "", err
	}
	id = rand.Text()
	_, err = q.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, q.jobs, id, body)
		if delay > 0 {
			p.ZAdd(ctx, q.later, at(now.Add(delay), id))
		} else {
			p.RPush(ctx, q.ready, id)
		}
		return nil
	})
	return id, err
}

// Take waits for a job, for whole seconds; without one ok is false. Who has done the job
// calls Done, and who has not, nothing.
func (q *Queue) Take(ctx context.Context, wait time.Duration) (job Job, ok bool, err error) {
	if err := q.makeReady(ctx); err != nil {
		return job, false, err
	}
	id, err := q.client.BLMove(ctx, q.ready, q.taken, "LEFT", "RIGHT", wait).Result()
	if errors.Is(err, redis.Nil) {
		return job, false, nil
	}
	if err != nil {
		return job, false, err
	}
	return q.begin(ctx, id)
}

// begin starts the lease of a job that is taken.
func (q *Queue) begin(ctx context.Context, id string) (job Job, ok bool, err error) {
	now, err := q.client.Time(ctx).Result()
	if err != nil {
		return job, false, err
	}
	var body *redis.StringCmd
	_, err = q.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, q.later, at(now.Add(q.lease), id))
		body = p.HGet(ctx, q.jobs, id)
		return nil
	})
	if errors.Is(err, redis.Nil) { // it was handed out twice, and done
		return job, false, q.Done(ctx, id)
	}
	return Job{id, body.Val()}, err == nil, err
}

// Done removes a job.
func (q *Queue) Done(ctx context.Context, id string) error {
	_, err := q.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HDel(ctx, q.jobs, id)
		p.LRem(ctx, q.taken, 0, id)
		p.ZRem(ctx, q.later, id)
		return nil
	})
	return err
}

// makeReady moves the jobs whose time has come. A job that is taken and has no lease
// gets one: its worker has died, or lost his connection, before he could write it.
func (q *Queue) makeReady(ctx context.Context) error {
	return atomically(ctx, q.client, func(tx *redis.Tx) error {
		now, err := tx.Time(ctx).Result()
		if err != nil {
			return err
		}
		due, err := tx.ZRangeArgs(ctx, redis.ZRangeArgs{Key: q.later, Start: "-inf", Stop: now.UnixMilli(), ByScore: true}).Result()
		if err != nil {
			return err
		}
		taken, err := tx.LRange(ctx, q.taken, 0, -1).Result()
		if err != nil || len(due)+len(taken) == 0 {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			for _, id := range taken {
				p.ZAddNX(ctx, q.later, at(now.Add(q.lease), id))
			}
			for _, id := range due {
				p.ZRem(ctx, q.later, id)
				p.LRem(ctx, q.taken, 0, id)
				p.RPush(ctx, q.ready, id)
			}
			return nil
		})
		return err
	}, q.later)
}

// at is a job in the sorted set.
func at(t time.Time, id string) redis.Z {
	return redis.Z{Score: float64(t.UnixMilli()), Member: id}
}
