package command_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// caller runs command lines on an engine, without a server: what one client does.
type caller struct {
	eng *engine.Engine
	db  int
}

// prepared is a line that was decoded, with the keys it names.
type prepared struct {
	row  *command.Named
	call command.Keyed
	keys []engine.Key
}

// prepare decodes a line; it reports false if there is something wrong with it.
func (c *caller) prepare(row *command.Named, line []string) (p prepared, ok bool) {
	call := row.NewCall().(command.Keyed)
	if !row.Spec.Fits(len(line)) {
		return p, false
	}
	var w arg.Walker
	var argv [][]byte
	for _, word := range line[row.Meta().Words():] {
		argv = append(argv, []byte(word))
	}
	err := call.Decode(&w, argv, c.db)
	return prepared{row, call, w.Keys}, err == nil
}

// run runs a line by itself. A blocking one waits as long as wait says, or until the
// context ends. The reply is in RESP2.
func (c *caller) run(ctx context.Context, p prepared, wait time.Duration) (reply string, err error) {
	var out wire.Writer
	out.Proto = 2
	tx := c.eng.Begin(p.keys, p.row.Meta().Flags.Has(command.WholeStore), false)
	for err = p.call.Run(tx, &out); err == engine.ErrRestart; err = p.call.Run(tx, &out) {
		tx = tx.Restart()
	}
	if err == engine.ErrEmpty {
		return c.park(ctx, tx, p, wait)
	}
	tx.Commit()
	return string(out.Buf), err
}

func (c *caller) park(ctx context.Context, tx *engine.Tx, p prepared, wait time.Duration) (string, error) {
	var out wire.Writer
	out.Proto = 2
	var result error
	how := p.call.Wait()
	w := &engine.Waiter{Keys: how.Keys, More: how.More, Kind: how.Kind, Try: func(tx *engine.Tx) error {
		result = p.call.Run(tx, &out)
		return result
	}}
	tx.Park(w)
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case <-w.Done():
	case <-ctx.Done():
		if c.eng.Cancel(w) {
			return "", engine.ErrEmpty
		}
	}
	return string(out.Buf), result
}

// transaction runs lines as one transaction, as EXEC does, and commits or rolls
// back.
func (c *caller) transaction(lines []prepared, commit bool) (replies string, errs []error) {
	var keys []engine.Key
	whole := false
	for _, p := range lines {
		keys = append(keys, p.keys...)
		whole = whole || p.row.Meta().Flags.Has(command.WholeStore)
	}
	tx := c.eng.Begin(keys, whole, true)
	for {
		out := wire.Writer{Proto: 2}
		errs = errs[:0]
		for _, p := range lines {
			err := p.call.Run(tx, &out)
			if errs = append(errs, err); err == engine.ErrRestart {
				break
			}
		}
		switch {
		case len(errs) > 0 && errs[len(errs)-1] == engine.ErrRestart:
			tx = tx.Restart()
			continue
		case commit:
			tx.Commit()
		default:
			tx.Rollback()
		}
		return string(out.Buf), errs
	}
}
