package server

import (
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// cachingArgs is YES or NO, which is looked at after the client's mode.
type cachingArgs struct{ word []byte }

func (a *cachingArgs) walk(w *arg.Walker) {
	if w.Describing() {
		w.Word("mode", new(uint8), "YES", "NO")
	} else {
		w.Bytes("mode", &a.word)
	}
}

// cache is CLIENT CACHING: it is about the next command, or the transaction that
// begins with it.
func (c *conn) cache(a cachingArgs) (r reply.None, err error) {
	t, word := &c.tracking, lower(a.word)
	switch {
	case !t.on:
		return r, arg.Errf("CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
	case word == "yes" && !t.optIn:
		return r, arg.Errf("CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
	case word == "no" && !t.optOut:
		return r, arg.Errf("CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
	case word != "yes" && word != "no":
		return r, arg.ErrSyntax
	}
	c.update(func() { c.tracking.caching = true })
	return r, nil
}

// endCaching ends what CLIENT CACHING said, once the command behind it was run. A
// subcommand of CLIENT is none, and a transaction ends with EXEC.
func (c *conn) endCaching(cmd *command.Named) {
	if c.tracking.caching && c.multi == nil && (cmd == nil || !strings.HasPrefix(cmd.Meta().Name, "client")) {
		c.update(func() { c.tracking.caching = false })
	}
}

// redirect is the connection that is told in the client's place: 0 if there is
// none, -1 if the client does not track.
func (c *conn) redirect() int64 {
	if !c.tracking.on {
		return -1
	}
	return c.tracking.target
}

// trackingInfo is CLIENT TRACKINGINFO.
func (c *conn) trackingInfo(command.NoArgs) (written, error) {
	t, broken := c.tracking, c.broken.Load()
	flags := []string{"off"}
	if t.on {
		flags[0] = "on"
	}
	for _, f := range []struct {
		set  bool
		name string
	}{{t.bcast, "bcast"}, {t.optIn, "optin"}, {t.optIn && t.caching, "caching-yes"}, {t.optOut, "optout"}, {t.optOut && t.caching, "caching-no"},
		{t.noLoop, "noloop"}, {broken, "broken_redirect"}} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	return func(w *wire.Writer) {
		w.Map(3)
		w.BulkString("flags")
		w.Set(len(flags))
		for _, f := range flags {
			w.BulkString(f)
		}
		w.BulkString("redirect")
		w.Int(c.redirect())
		w.BulkString("prefixes")
		w.Array(len(t.prefixes))
		for _, p := range t.prefixes {
			w.BulkString(p)
		}
	}, nil
}
