package server

import (
	"context"
	"errors"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/durable"
)

// Errors about snapshots and the log, with Redis's texts where it has any.
var (
	errInMemory    = arg.Errf("This store is in memory only: it has no place to save to")
	errSaving      = arg.Errf("Background save already in progress")
	errOtherChild  = arg.Errf("Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.")
	errRewriting   = arg.Errf("Background append only file rewriting already in progress")
	errNoShutdown  = arg.Errf("No shutdown in progress.")
	errNotShutDown = arg.Errf("Errors trying to SHUTDOWN. Check logs.")
)

func saveRows() []command.Command {
	const admin = command.Admin | command.NoScript | command.NoAsyncLoading
	return []command.Command{
		define(command.Info{Name: "save", Group: "server", Since: "1.0.0", Flags: admin | command.NoMulti,
			Summary: "Takes a snapshot and waits until it is durable."}, (*command.NoArgs).Walk, (*conn).save, &reply.OK),
		define(command.Info{Name: "bgsave", Group: "server", Since: "1.0.0", Flags: admin,
			Summary: "Takes a snapshot in the background."}, (*bgsaveArgs).walk, (*conn).bgsave, &reply.Simple),
		define(command.Info{Name: "bgrewriteaof", Group: "server", Since: "1.0.0", Flags: admin,
			Summary: "Makes the log shorter in the background."}, (*command.NoArgs).Walk, (*conn).bgrewriteaof, &reply.Simple),
		define(command.Info{Name: "lastsave", Group: "server", Since: "1.0.0", ACL: "admin,dangerous", Flags: command.Loading | command.Stale | command.Fast,
			Summary: "Returns the time of the last snapshot that is durable."}, (*command.NoArgs).Walk, (*conn).lastsave, &reply.Int),
		define(command.Info{Name: "shutdown", Group: "server", Since: "1.0.0",
			Flags:   command.Admin | command.NoScript | command.Loading | command.Stale | command.NoMulti | command.AllowBusy,
			Summary: "Saves if that is configured, and ends the server."}, (*shutdownArgs).walk, (*conn).shutdown, &reply.OK),
		define(command.Info{Name: "waitaof", Group: "generic", Since: "7.2.0", ACL: "connection", Flags: command.NoScript | command.Blocking,
			Summary: "Waits until the client's writes are on disk, here and on replicas."}, (*waitaofArgs).walk, (*conn).waitaof, &reply.Ints),
	}
}

func (c *conn) save(command.NoArgs) (r reply.None, err error) {
	k := c.srv.keeper
	if k == nil {
		return r, errInMemory
	}
	c.shift.handOver()
	if k.Rewriting() { // only another save is in the way of one
		return r, saveError(k.SaveInTurn(c.srv.life))
	}
	return r, saveError(k.Save(c.srv.life))
}

// saveError is what a client is told of a snapshot that could not be taken.
func saveError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, durable.ErrSaving):
		return errSaving
	case errors.Is(err, durable.ErrNoPlace):
		return errInMemory
	}
	return arg.Errf("%v", err)
}

// beginSaving begins what is done in the background. What a transaction asks for begins
// behind it, as if something else was under way.
func (c *conn) beginSaving(k *durable.Keeper, begin func() error) error {
	if c.tx == nil {
		return begin()
	}
	if err := k.CanSave(); err != nil {
		return err
	}
	return durable.ErrSaving
}

type bgsaveArgs struct {
	schedule bool
}

func (a *bgsaveArgs) walk(w *arg.Walker) {
	for w.Options() {
		if a.schedule && w.Decoding() {
			w.Fail(arg.ErrSyntax)
		}
		w.Flag("SCHEDULE", &a.schedule)
	}
}

func (c *conn) bgsave(a bgsaveArgs) (string, error) {
	k := c.srv.keeper
	if k == nil {
		return "", errInMemory
	}
	err := c.beginSaving(k, k.SaveInBackground)
	switch {
	case err == nil:
		return "Background saving started", nil
	case !errors.Is(err, durable.ErrSaving):
		return "", saveError(err)
	case !k.Rewriting() && (c.tx == nil || k.Saving()):
		return "", errSaving
	case !a.schedule && c.tx == nil:
		return "", errOtherChild
	}
	k.SaveNext()
	return "Background saving scheduled", nil
}

func (c *conn) bgrewriteaof(command.NoArgs) (string, error) {
	k := c.srv.keeper
	if k == nil {
		return "", errInMemory
	}
	err := c.beginSaving(k, k.Rewrite)
	switch {
	case err == nil:
		return "Background append only file rewriting started", nil
	case !errors.Is(err, durable.ErrSaving):
		return "", saveError(err)
	case k.Rewriting():
		return "", errRewriting
	}
	k.RewriteNext()
	return "Background append only file rewriting scheduled", nil
}

func (c *conn) lastsave(command.NoArgs) (int64, error) {
	if k := c.srv.keeper; k != nil {
		return k.LastSave() / 1000, nil
	}
	return c.srv.started / 1000, nil
}

type shutdownArgs struct {
	save              uint8 // noSave, doSave or 0
	now, force, abort bool
}

const (
	noSave = iota + 1
	doSave
)

func (a *shutdownArgs) walk(w *arg.Walker) {
	for w.Options() {
		w.Choice("save-selector", &a.save, "NOSAVE", "SAVE")
		w.Flag("NOW", &a.now)
		w.Flag("FORCE", &a.force)
		w.Flag("ABORT", &a.abort)
	}
	if w.Decoding() && a.abort && (a.save != 0 || a.now || a.force) {
		w.Fail(arg.ErrSyntax)
	}
}

// shutdown ends the server: Serve returns ErrClosed. There are no replicas to wait for,
// so NOW changes nothing, and there is nothing to abort.
func (c *conn) shutdown(a shutdownArgs) (r reply.None, err error) {
	if a.abort {
		return r, errNoShutdown
	}
	c.shift.handOver()
	if k := c.srv.keeper; k != nil {
		if err := k.Finish(c.srv.life, lastSave(a), a.force); err != nil {
			return r, errNotShutDown
		}
	}
	c.silence()
	go func() { _ = c.srv.Close() }()
	return r, nil
}

func lastSave(a shutdownArgs) durable.LastSave {
	switch a.save {
	case doSave:
		return durable.SaveLast
	case noSave:
		return durable.SaveNever
	}
	return durable.SaveByRules
}

type waitaofArgs struct {
	local, replicas int64
	timeout         int64 // in milliseconds, 0 for ever
}

// Errors of WAITAOF.
var (
	errLocal       = arg.Errf("value is out of range, value must between 0 and 1")
	errPositive    = arg.Errf("value is out of range, must be positive")
	errTimeout     = arg.Errf("timeout is not an integer or out of range")
	errNegative    = arg.Errf("timeout is negative")
	errWaitsForLog = arg.Errf("WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
)

func (a *waitaofArgs) walk(w *arg.Walker) {
	w.IntOr("numlocal", &a.local, arg.ErrNotInt)
	if w.Decoding() && (a.local < 0 || a.local > 1) {
		w.Fail(errLocal)
	}
	w.IntOr("numreplicas", &a.replicas, errPositive)
	if w.Decoding() && a.replicas < 0 {
		w.Fail(errPositive)
	}
	w.IntOr("timeout", &a.timeout, errTimeout)
	if w.Decoding() && a.timeout < 0 {
		w.Fail(errNegative)
	}
}

// waitaof waits for what the client has written last.
func (c *conn) waitaof(a waitaofArgs) ([]int64, error) {
	k := c.srv.keeper
	logged := k != nil && k.LogOn()
	if a.local > 0 && !logged {
		return nil, errWaitsForLog
	}
	local := func() int64 {
		if logged && k.IsDurable(c.wrote) {
			return 1
		}
		return 0
	}
	if c.tx == nil && (local() < a.local || a.replicas > 0) {
		if !c.flush() || !c.awaitLog(a, k) {
			c.silence()
		}
		c.arrive()
	}
	return []int64{local(), 0}, nil
}

// awaitLog waits until the client's last write is durable, if that is enough; otherwise,
// as no replica will ever answer, until the time is over. A disk that takes longer than
// the client wants to wait goes on without it. It reports false if the client has left.
func (c *conn) awaitLog(a waitaofArgs, k *durable.Keeper) bool {
	ctx, cancel := context.WithCancel(c.srv.life)
	defer cancel()
	if a.timeout > 0 {
		timer := c.srv.eng.Clock().AfterFunc(milliseconds(a.timeout), cancel)
		defer timer.Stop()
	}
	if wrote := c.wrote; a.local > 0 {
		c.srv.done.Go(func() {
			_ = k.AwaitDurable(ctx, wrote)
			if a.replicas == 0 {
				cancel()
			}
		})
	}
	return c.hold(ctx.Done(), 0, true)
}
