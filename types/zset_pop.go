package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// PopMin removes the member with the lowest score and returns it; ok is false if
// there is none. O(log n).
//
// Redis: ZPOPMIN
func (z ZSet[T]) PopMin(ctx context.Context) (m Scored[T], ok bool, err error) {
	return first(z.PopMinN(ctx, 1))
}

// PopMax removes the member with the highest score and returns it; ok is false if
// there is none. O(log n).
//
// Redis: ZPOPMAX
func (z ZSet[T]) PopMax(ctx context.Context) (m Scored[T], ok bool, err error) {
	return first(z.PopMaxN(ctx, 1))
}

// PopMinN removes up to n members, the lowest score first, and returns them.
// ErrCount if n is negative. O(log n) for each.
//
// Redis: ZPOPMIN with a count
func (z ZSet[T]) PopMinN(ctx context.Context, n int64) ([]Scored[T], error) {
	return z.pop(ctx, command.ZPopMin, n)
}

// PopMaxN removes up to n members, the highest score first, and returns them.
// ErrCount if n is negative. O(log n) for each.
//
// Redis: ZPOPMAX with a count
func (z ZSet[T]) PopMaxN(ctx context.Context, n int64) ([]Scored[T], error) {
	return z.pop(ctx, command.ZPopMax, n)
}

func (z ZSet[T]) pop(ctx context.Context, row *command.Row[command.PopArgs, command.Scores], n int64) ([]Scored[T], error) {
	if n <= 0 {
		return nil, noCount(ctx, n)
	}
	var got receivedScored[T]
	a := command.PopArgs{Key: z.key, HasCount: true, Count: n}
	err := row.Do(ctx, z.at, z.key, a, func(s command.Scores) error { return got.take(&z.c, s) })
	return got.finish(&z.c, err)
}

// WaitPopMin is PopMin that waits for a member until ctx ends, whose error it then
// returns. Who waits longest is served first. ErrClosed if the store is closed
// meanwhile; inside a transaction it does not wait: ErrEmpty. O(log n).
//
// Redis: BZPOPMIN
func (z ZSet[T]) WaitPopMin(ctx context.Context) (Scored[T], error) {
	return z.waitPop(ctx, command.BZPopMin)
}

// WaitPopMax is PopMax that waits as WaitPopMin does. O(log n).
//
// Redis: BZPOPMAX
func (z ZSet[T]) WaitPopMax(ctx context.Context) (Scored[T], error) {
	return z.waitPop(ctx, command.BZPopMax)
}

func (z ZSet[T]) waitPop(ctx context.Context, row *command.Row[command.BPopArgs, command.ZPopped]) (Scored[T], error) {
	var got receivedScored[T]
	a := command.BPopArgs{Keys: []engine.Key{z.key}}
	err := row.DoWait(ctx, z.at, a, func(p command.ZPopped) error { return got.take(&z.c, command.Scores{Entries: p.Entries}) })
	m, _, err := first(got.finish(&z.c, err))
	return m, err
}

// ScoreEnd is an end of a sorted set.
type ScoreEnd uint8

// The ends.
const (
	Lowest ScoreEnd = iota
	Highest
)

// PopFirstScored removes up to n members from an end of the first sorted set that
// has any. It returns which one that is and the members, the outermost first;
// which is -1 if all are empty. The call works where the first handle does, of
// the others only keys and codecs matter. ErrCount unless n is positive,
// ErrNoKeys without sets. O(k) for k sets and O(log n) for each member.
//
// Redis: ZMPOP
func PopFirstScored[T any](ctx context.Context, end ScoreEnd, n int64, sets ...ZSet[T]) (which int, popped []Scored[T], err error) {
	return popScored(end, n, sets, func(at command.Target, a command.MPopArgs, take func(command.ZPopped) error) error {
		return command.ZMPop.DoKeys(ctx, at, a.Keys, a, take)
	})
}

// WaitPopFirstScored is PopFirstScored that waits, as WaitPopMin does, until one of
// the sets has a member.
//
// Redis: BZMPOP; BZPOPMIN, BZPOPMAX with several keys
func WaitPopFirstScored[T any](ctx context.Context, end ScoreEnd, n int64, sets ...ZSet[T]) (which int, popped []Scored[T], err error) {
	return popScored(end, n, sets, func(at command.Target, a command.MPopArgs, take func(command.ZPopped) error) error {
		return command.BZMPop.DoWait(ctx, at, a, take)
	})
}

func popScored[T any](end ScoreEnd, n int64, sets []ZSet[T], run func(command.Target, command.MPopArgs, func(command.ZPopped) error) error) (which int, popped []Scored[T], err error) {
	switch {
	case n <= 0:
		return -1, nil, store.ErrCount
	case len(sets) == 0:
		return -1, nil, store.ErrNoKeys
	}
	a := command.MPopArgs{Keys: make([]engine.Key, len(sets)), Where: uint8(end) + 1, HasCount: true, Count: n}
	for i, z := range sets {
		a.Keys[i] = z.key
	}
	which = -1
	var got receivedScored[T]
	err = run(sets[0].at, a, func(p command.ZPopped) error {
		if len(p.Entries) == 0 {
			return nil
		}
		which = p.At
		return got.take(&sets[which].c, command.Scores{Entries: p.Entries})
	})
	if err != nil || which < 0 {
		return -1, nil, err
	}
	popped, err = got.finish(&sets[which].c, nil)
	return which, popped, err
}
