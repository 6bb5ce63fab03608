package store

import (
	"bytes"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
	"github.com/residedb/reside/persist/aof"
)

// replay runs commands on an engine that nobody else uses, as a server does when it loads
// its append-only files. Their time is the first millisecond there was: nothing has
// expired by then. Commands with a time that counts from now have the engine's.
type replay struct {
	eng     *engine.Engine
	table   *command.Table
	calls   []command.Call // by the command's place in the table
	walker  arg.Walker
	out     wire.Writer // of replies, which nobody reads
	db      int
	file    string // in which the database was selected
	skip    bool
	skipped []aof.Skipped
	seen    map[string]int // places in skipped
}

// replayTime is before all deadlines.
const replayTime = int64(1)

func newReplay(e *engine.Engine, skip bool) *replay {
	t := command.NewTable(command.Rows())
	return &replay{eng: e, table: t, calls: make([]command.Call, t.Len()), out: wire.Writer{Proto: 2}, skip: skip, seen: map[string]int{}}
}

// run runs what was done as one.
func (r *replay) run(commands []aof.Command) error {
	var tx *engine.Tx
	if len(commands) > 1 {
		tx = r.eng.Begin(nil, true, false)
		defer func() { tx.Commit() }()
	}
	for _, c := range commands {
		if err := r.do(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// do runs a command, in a transaction if there is one, which holds the whole store.
func (r *replay) do(tx *engine.Tx, c aof.Command) error {
	if c.File != r.file {
		r.file, r.db = c.File, 0
	}
	r.out.Reset()
	name, err := r.call(tx, c.Args)
	if err == nil || err == engine.ErrEmpty {
		return nil
	}
	if !r.skip {
		return &aof.CommandError{Place: c.Place, Name: name, Err: err}
	}
	r.pass(name, c.Place)
	return nil
}

// mostSkipped is how many names are counted apart; all others are "?".
const mostSkipped = 1000

// pass counts a command that is passed over.
func (r *replay) pass(name string, at aof.Place) {
	i, ok := r.seen[name]
	if !ok && len(r.skipped) >= mostSkipped {
		name = "?"
		i, ok = r.seen[name]
	}
	if !ok {
		i = len(r.skipped)
		r.skipped = append(r.skipped, aof.Skipped{Name: name, First: at})
		r.seen[name] = i
	}
	r.skipped[i].Times++
}

// call finds the command and runs it.
func (r *replay) call(tx *engine.Tx, argv [][]byte) (name string, err error) {
	name = aof.NameOf(argv[0])
	if name == "SELECT" {
		return name, r.selectDB(argv[1:])
	}
	cmd, words := r.table.FindBytes(argv[0]), 1
	if cmd != nil && cmd.Subs != nil && len(argv) > 1 {
		name += "|" + aof.NameOf(argv[1])
		cmd, words = cmd.FindBytes(argv[1]), 2
	}
	if cmd == nil {
		return name, aof.ErrUnknown
	}
	if !cmd.Spec.Fits(len(argv)) {
		return name, arg.ErrArity(strings.ToLower(name))
	}
	call, ok := r.callOf(cmd).(command.Keyed)
	if !ok {
		return name, aof.ErrUnknown
	}
	if err := call.Decode(&r.walker, argv[words:], r.db); err != nil {
		return name, err
	}
	now := replayTime
	if countsFromNow(name, argv) {
		now = r.eng.Now()
	}
	if tx != nil {
		return name, r.within(tx, call, now)
	}
	return name, r.alone(call, cmd.Meta().Flags.Has(command.WholeStore), now)
}

func (r *replay) callOf(cmd *command.Named) command.Call {
	if r.calls[cmd.ID] == nil {
		r.calls[cmd.ID] = cmd.NewCall()
	}
	return r.calls[cmd.ID]
}

func (r *replay) within(tx *engine.Tx, call command.Keyed, now int64) error {
	tx.SetNow(now)
	err := call.Run(tx, &r.out)
	tx.Forget()
	return err
}

// alone runs a command as a transaction of its own.
func (r *replay) alone(call command.Keyed, whole bool, now int64) error {
	tx := r.eng.Begin(r.walker.Keys, whole, false)
	tx.SetNow(now)
	err := call.Run(tx, &r.out)
	for err == engine.ErrRestart {
		tx = tx.Restart()
		tx.SetNow(now)
		err = call.Run(tx, &r.out)
	}
	tx.Commit()
	return err
}

func (r *replay) selectDB(argv [][]byte) error {
	if len(argv) != 1 {
		return arg.ErrArity("select")
	}
	n, ok := arg.ParseInt(argv[0])
	if !ok || n < 0 || n >= int64(r.eng.Databases()) {
		return ErrDB
	}
	r.db = int(n)
	return nil
}

// countsFromNow reports whether a command has a time to live instead of a deadline. Redis
// writes deadlines; what others have written may have either.
func countsFromNow(name string, argv [][]byte) bool {
	has := func(from int, words ...string) bool {
		for _, a := range argv[min(from, len(argv)):] {
			for _, w := range words {
				if bytes.EqualFold(a, []byte(w)) {
					return true
				}
			}
		}
		return false
	}
	switch name {
	case "EXPIRE", "PEXPIRE", "HEXPIRE", "HPEXPIRE", "SETEX", "PSETEX":
		return true
	case "SET":
		return len(argv) > 4 && has(3, "EX", "PX")
	case "GETEX", "HGETEX", "HSETEX":
		return has(2, "EX", "PX")
	case "RESTORE":
		return len(argv) > 3 && string(argv[2]) != "0" && !has(4, "ABSTTL")
	}
	return false
}
