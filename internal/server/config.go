package server

import (
	"cmp"
	"slices"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/glob"
)

func configInfo(name string, flags command.Flags, summary string) command.Info {
	return command.Info{Name: "config|" + name, Group: "server", Since: "2.0.0", Flags: flags | command.Loading | command.Stale, Summary: summary}
}

func configRows() []command.Command {
	const admin = command.Admin | command.NoScript
	rewrite, help := configInfo("rewrite", admin, "Writes the configuration file anew."), configInfo("help", 0, "Lists the subcommands.")
	rewrite.Since, help.Since = "2.8.0", "5.0.0"
	return []command.Command{
		define(command.Info{Name: "config", Group: "server", Since: "2.0.0", Summary: "A container for commands about the configuration."},
			(*command.ContainerArgs).Walk, onlyContainer, &reply.OK),
		define(configInfo("get", admin, "Returns the parameters whose names fit some patterns."), (*configGetArgs).walk, (*conn).configGet, &reply.Map),
		define(configInfo("set", admin, "Changes parameters: all that are given, or none."), (*configSetArgs).walk, (*conn).configSet, &reply.OK),
		define(configInfo("resetstat", admin|command.WholeStore, "Sets the counters of INFO to 0."), (*command.NoArgs).Walk, (*conn).resetStat, &reply.OK),
		define(rewrite, (*command.NoArgs).Walk, func(*conn, command.NoArgs) (r reply.None, err error) {
			return r, arg.Errf("The server is running without a config file")
		}, &reply.OK),
		define(help, (*command.NoArgs).Walk, func(*conn, command.NoArgs) ([]string, error) {
			return command.Help("CONFIG",
				"GET <pattern>", "    Return parameters matching the glob-like <pattern> and their values.",
				"SET <directive> <value>", "    Set the configuration <directive> to <value>.",
				"RESETSTAT", "    Reset statistics reported by the INFO command.",
				"REWRITE", "    Rewrite the configuration file."), nil
		}, &reply.Lines),
	}
}

type configGetArgs struct{ patterns [][]byte }

func (a *configGetArgs) walk(w *arg.Walker) { w.List("parameter", &a.patterns) }

func (c *conn) configGet(a configGetArgs) ([][]byte, error) {
	var r [][]byte
	d := c.srv.draft()
	for i := range params {
		p := &params[i]
		fits := func(pattern []byte) bool { return glob.MatchFold(pattern, []byte(p.name)) }
		if at := slices.IndexFunc(a.patterns, fits); at >= 0 {
			name := []byte(p.name)
			if strings.EqualFold(p.name, string(a.patterns[at])) {
				name = a.patterns[at] // a plain name comes back as it was given
			}
			r = append(r, name, []byte(p.get(d)))
		}
	}
	return r, nil
}

type configSetArgs struct{ pairs [][]byte }

func (a *configSetArgs) walk(w *arg.Walker) {
	w.Tuples([]string{"parameter", "value"}, &a.pairs, arg.ErrSyntax)
}

// draft is a configuration in the making: copies of what is in force.
type draft struct {
	srv      *Server
	settings settings
	engine   engine.Config
	keeping  keeping
}

func (s *Server) draft() *draft {
	return &draft{s, *s.settings.Load(), *s.eng.Config(), s.keeping()}
}

// configSet tries every change on a draft first, so that one which fails leaves
// everything as it was.
func (c *conn) configSet(a configSetArgs) (r reply.None, err error) {
	c.srv.configMu.Lock()
	defer c.srv.configMu.Unlock()
	chosen, err := chooseParams(a.pairs)
	if err != nil {
		return r, err
	}
	d := c.srv.draft()
	for i, p := range chosen {
		if err := p.set(d, string(a.pairs[2*i+1])); err != nil {
			return r, badParam(p.name, err.Error())
		}
	}
	c.srv.configure(func(s *settings) { *s = d.settings })
	c.srv.eng.Configure(func(e *engine.Config) { *e = d.engine })
	c.srv.trimRemembered()
	return r, c.keep(c.srv.keeping(), d.keeping)
}

// chooseParams finds the parameters of the pairs.
func chooseParams(pairs [][]byte) ([]*param, error) {
	var chosen []*param
	for i := 0; i < len(pairs); i += 2 {
		at := slices.IndexFunc(params, func(p param) bool { return p.name == lower(pairs[i]) })
		if at < 0 {
			return nil, arg.Errf("Unknown option or number of arguments for CONFIG SET - '%s'", pairs[i])
		}
		p := &params[at]
		switch {
		case p.set == nil:
			return nil, badParam(p.name, cmp.Or(p.why, "can't set immutable config"))
		case slices.Contains(chosen, p):
			return nil, badParam(p.name, "duplicate parameter")
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func badParam(name, why string) error {
	return arg.Errf("CONFIG SET failed (possibly related to argument '%s') - %s", name, why)
}

func (c *conn) resetStat(command.NoArgs) (r reply.None, err error) {
	c.tally.hand()
	c.srv.stats.reset()
	c.whole(func(tx *engine.Tx) { tx.ResetStats() })
	return r, nil
}
