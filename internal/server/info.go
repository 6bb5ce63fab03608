package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

func infoRows() []command.Command {
	return []command.Command{
		define(command.Info{Name: "info", Group: "server", Since: "1.0.0", ACL: "dangerous", Flags: command.Loading | command.Stale | command.WholeStore,
			Summary: "Describes the server and what it has done."}, (*infoArgs).walk, (*conn).info, &verbatim),
	}
}

type infoArgs struct {
	has      bool
	sections [][]byte
}

func (a *infoArgs) walk(w *arg.Walker) {
	if w.Maybe(&a.has) {
		w.List("section", &a.sections)
	}
}

// report is an INFO reply in the making.
type report struct {
	strings.Builder
	c  *conn
	tx *engine.Tx // holds the whole store
}

func (r *report) line(name string, value any) { fmt.Fprintf(r, "%s:%v\r\n", name, value) }

// infoSection is a part of INFO.
type infoSection struct {
	name   string
	always bool // part of the default set, not only of all
	write  func(*report)
}

// infoSections stand in the order of INFO.
var infoSections = []infoSection{
	{"Server", true, infoServer},
	{"Clients", true, infoClients},
	{"Memory", true, infoMemory},
	{"Persistence", true, infoPersistence},
	{"Stats", true, infoStats},
	{"Replication", true, infoReplication},
	{"CPU", true, infoCPU},
	{"Modules", true, func(*report) {}},
	{"Commandstats", false, infoCommandStats},
	{"Errorstats", true, infoErrorStats},
	{"Latencystats", false, func(*report) {}},
	{"Cluster", true, func(r *report) { r.line("cluster_enabled", 0) }},
	{"Keyspace", true, infoKeyspace},
}

func (c *conn) info(a infoArgs) (string, error) {
	c.tally.hand()
	var words []string
	for _, s := range a.sections {
		words = append(words, lower(s))
	}
	r := &report{c: c}
	c.whole(func(tx *engine.Tx) {
		r.tx = tx
		for _, s := range infoSections {
			if s.wanted(words) {
				r.section(s)
			}
		}
	})
	return r.String(), nil
}

// wanted reports whether the client's words ask for the section.
func (s *infoSection) wanted(words []string) bool {
	switch {
	case slices.Contains(words, "all") || slices.Contains(words, "everything"):
		return s.name != "Modules" || slices.Contains(words, "everything")
	case len(words) == 0 || slices.Contains(words, "default"):
		return s.always || slices.Contains(words, strings.ToLower(s.name))
	}
	return slices.Contains(words, strings.ToLower(s.name))
}

func (r *report) section(s infoSection) {
	if r.Len() > 0 {
		r.WriteString("\r\n")
	}
	r.WriteString("# " + s.name + "\r\n")
	s.write(r)
}
