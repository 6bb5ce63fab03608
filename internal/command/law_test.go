package command

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/invariants"
	"github.com/residedb/reside/internal/wire"
)

// An op that returns an error has changed nothing: in the checked build the one
// that breaks this law panics. Every script and every random line runs there.
func TestFailureAfterChangePanics(t *testing.T) {
	if !invariants.Enabled {
		t.Skip("only the checked build looks: -tags invariants")
	}
	broken := define(Info{Name: "broken", Group: "string", Since: "1.0.0", Flags: Write}, (*KeyArgs).take,
		func(tx *engine.Tx, a KeyArgs) (r reply.None, err error) {
			if err := tx.PutString(a.Key, []byte("v"), 0); err != nil {
				return r, err
			}
			return r, errors.New("too late")
		}, &reply.OK)
	e := engine.New(engine.Options{})
	defer e.Close()
	k := engine.KeyOf([]byte("k"))
	c := broken.NewCall().(Keyed)
	require.NoError(t, c.Decode(new(arg.Walker), [][]byte{k.B}, 0))
	tx := e.Begin([]engine.Key{k}, false, false)
	defer tx.Commit()
	require.PanicsWithValue(t, "command: broken failed after a change: too late", func() { _ = c.Run(tx, new(wire.Writer)) })
}
