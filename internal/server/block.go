package server

import (
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// block parks the connection on the keys of a blocking command, which found
// nothing, until somebody serves it or its time is over.
func (c *conn) block(tx *engine.Tx, call command.Keyed) error {
	how := call.Wait()
	var result error
	w := &engine.Waiter{Keys: how.Keys, More: how.More, Kind: how.Kind, Try: func(tx *engine.Tx) error {
		result = call.Run(tx, &c.out)
		return result
	}}
	e := tx.Engine()
	tx.Park(w)
	if how.Timeout == 0 {
		<-w.Done()
		return result
	}
	timer := time.NewTimer(time.Duration(how.Timeout * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-w.Done():
		return result
	case <-timer.C:
		if !e.Cancel(w) {
			return result
		}
		how.Null(&c.out)
		return nil
	}
}
