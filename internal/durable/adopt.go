package durable

import (
	"context"

	"github.com/residedb/reside/internal/engine"
)

// Line is where a store is to be: at a position of a history.
type Line struct {
	History  string
	Position int64
}

// Adopt puts an engine on another line, and with other, unless that is nil, its content
// in the place of all there is. While that happens, and the whole store is held, it calls
// at. If k keeps the engine, Adopt returns when all of it is durable; an error behind at
// means that it is not, yet. On an error before nothing has changed, and other is closed.
// Nobody writes meanwhile.
func Adopt(ctx context.Context, e *engine.Engine, k *Keeper, other *engine.Engine, to Line, at func(*engine.Tx)) error {
	if k != nil {
		return k.adopt(ctx, other, to, at)
	}
	return replace(e, other, func(tx *engine.Tx) (int64, error) {
		at(tx)
		return to.Position, nil
	})
}

// replace puts the content of another engine in the place of all there is, unless it is
// nil.
func replace(e, other *engine.Engine, at func(*engine.Tx) (position int64, err error)) error {
	if other == nil {
		tx := e.Begin(nil, true, false)
		defer tx.Commit()
		_, err := at(tx)
		return err
	}
	err := e.RefillAt(other, at)
	if err != nil && err != errNotYet {
		other.Close()
	}
	return err
}

func (k *Keeper) adopt(ctx context.Context, other *engine.Engine, to Line, at func(*engine.Tx)) error {
	if err := k.awaitTurn(ctx); err != nil {
		closeIf(other)
		return err
	}
	defer k.giveTurn()
	if k.snaps == nil {
		closeIf(other)
		return ErrNoPlace
	}
	err := errNotYet
	for err == errNotYet {
		if ctx.Err() != nil {
			closeIf(other)
			return ctx.Err()
		}
		k.journal.flushIf(func() bool { return true }, true)
		err = replace(k.eng, other, func(tx *engine.Tx) (int64, error) {
			if !k.journal.rebase(to.History, to.Position) {
				return 0, errNotYet
			}
			k.setHistory(to.History)
			at(tx)
			return to.Position, nil
		})
	}
	if err != nil {
		return err
	}
	return k.saveAnew(ctx)
}

func closeIf(e *engine.Engine) {
	if e != nil {
		e.Close()
	}
}
