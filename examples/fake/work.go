package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Work does jobs, one at a time, until ctx ends. The function has the time of the lease;
// a job for which it returns an error is tried again when that is over. What goes
// wrong is logged, and work goes on.
func (q *Queue) Work(ctx context.Context, do func(ctx context.Context, body string) error) {
	for ctx.Err() == nil {
		if err := q.workOnce(ctx, do); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "queue", "error", err)
			pause(ctx, q.look) // Redis may need it
		}
	}
}

func (q *Queue) workOnce(ctx context.Context, do func(ctx context.Context, body string) error) error {
	job, ok, err := q.Take(ctx, q.look)
	if err != nil || !ok {
		return err
	}
	leased, cancel := context.WithTimeout(ctx, q.lease)
	defer cancel()
	if err := do(leased, job.Body); err != nil {
		return fmt.Errorf("job %s: %w", job.ID, err)
	}
	return q.Done(context.WithoutCancel(ctx), job.ID) // done is done, also when ctx has ended
}

// pause sleeps unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
