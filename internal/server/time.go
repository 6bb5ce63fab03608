package server

import (
	"strconv"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/reply"
)

func timeRows() []command.Command {
	return []command.Command{
		define(command.Info{Name: "time", Group: "server", Since: "2.6.0", Flags: command.Loading | command.Stale | command.Fast,
			Summary: "Returns the time in seconds and the microseconds of the running one."}, (*command.NoArgs).Walk, (*conn).time, &reply.Bulks),
	}
}

// time stands still within a transaction, as expiry does.
func (c *conn) time(command.NoArgs) ([][]byte, error) {
	micros := c.srv.eng.Clock().Now().UnixMicro()
	if c.tx != nil {
		micros = c.tx.Now() * 1000
	}
	return [][]byte{strconv.AppendInt(nil, micros/1e6, 10), strconv.AppendInt(nil, micros%1e6, 10)}, nil
}
