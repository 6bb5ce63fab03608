package server

import (
	"slices"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

func trackingRows() []command.Command {
	return []command.Command{
		define(clientInfo("tracking", "6.0.0", command.WholeStore, "Says whether and how the client is told of changes of the keys that it caches."),
			(*trackingArgs).walk, (*conn).track, &reply.OK),
		define(clientInfo("caching", "6.0.0", 0, "Says whether the keys of the next command are cached by the client."), (*cachingArgs).walk, (*conn).cache, &reply.OK),
		define(clientInfo("getredir", "6.0.0", 0, "Returns the connection that is told of changes in the client's place."), (*command.NoArgs).Walk,
			func(c *conn, _ command.NoArgs) (int64, error) { return c.redirect(), nil }, &reply.Int),
		define(clientInfo("trackinginfo", "6.2.0", 0, "Describes what the client is told of."), (*command.NoArgs).Walk, (*conn).trackingInfo, &writeItself),
	}
}

// tracking is what a client asked for with CLIENT TRACKING. It is part of the
// profile; whoever invalidates keys reads it under their locks.
type tracking struct {
	on, bcast, optIn, optOut, noLoop bool

	caching  bool     // CLIENT CACHING was called for the next command
	target   int64    // the connection that is told in the client's place, 0 for none
	prefixes []string // in order
}

type trackingArgs struct {
	mode       uint8
	redirected bool
	target     int64
	prefixes   [][]byte
	prefixed   bool

	bcast, optIn, optOut, noLoop bool
}

func (a *trackingArgs) walk(w *arg.Walker) {
	w.Word("status", &a.mode, "ON", "OFF")
	for w.Options() {
		again := w.Decoding() && a.redirected
		if w.OptionOf("REDIRECT", 1, &a.redirected) {
			if again {
				w.Fail(arg.Errf("A client can only redirect to a single other client"))
			}
			w.Int("client-id", &a.target)
		}
		a.walkPrefixes(w)
		w.Flag("BCAST", &a.bcast)
		w.Flag("OPTIN", &a.optIn)
		w.Flag("OPTOUT", &a.optOut)
		w.Flag("NOLOOP", &a.noLoop)
	}
}

func (a *trackingArgs) walkPrefixes(w *arg.Walker) {
	if !w.Decoding() && !w.Describing() {
		for i := range a.prefixes {
			w.Token("PREFIX")
			w.Bytes("prefix", &a.prefixes[i])
		}
		return
	}
	var prefix []byte
	if w.OptionOf("PREFIX", 1, &a.prefixed) {
		w.Repeats(true)
		w.Bytes("prefix", &prefix)
		a.prefixes = append(a.prefixes, prefix)
	}
}

func (c *conn) track(a trackingArgs) (r reply.None, err error) {
	if err := c.checkTarget(&a); err != nil {
		return r, err
	}
	if a.mode == 2 {
		c.setTracking(tracking{})
		return r, nil
	}
	if err := c.checkMode(&a); err != nil {
		return r, err
	}
	next := tracking{on: true, bcast: a.bcast, optIn: a.optIn, optOut: a.optOut, noLoop: a.noLoop, caching: c.tracking.caching, target: a.target}
	if a.bcast {
		prefixes := slices.Clone(c.tracking.prefixes)
		for _, p := range a.prefixes {
			prefixes = append(prefixes, string(p))
		}
		if len(a.prefixes) == 0 {
			prefixes = append(prefixes, "")
		}
		slices.Sort(prefixes)
		next.prefixes = slices.Compact(prefixes)
	}
	c.setTracking(next)
	return r, nil
}

// checkTarget looks at the connection that is to be told in the client's place.
func (c *conn) checkTarget(a *trackingArgs) error {
	if !a.redirected {
		return nil
	}
	to := c.srv.client(a.target)
	if to == nil {
		return arg.Errf("The client ID you want redirect to does not exist")
	}
	if a.mode == 1 && !to.pushes.accepts() {
		return arg.Errf("The client ID you want redirect to speaks RESP2, which needs Pub/Sub: that is not supported yet. HELLO 3 makes it speak RESP3")
	}
	return nil
}

// checkMode refuses what does not go together, in Redis's order.
func (c *conn) checkMode(a *trackingArgs) error {
	was := &c.tracking
	switch {
	case !a.bcast && len(a.prefixes) > 0:
		return arg.Errf("PREFIX option requires BCAST mode to be enabled")
	case was.on && was.bcast != a.bcast:
		return arg.Errf("You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.")
	case a.bcast && (a.optIn || a.optOut):
		return arg.Errf("OPTIN and OPTOUT are not compatible with BCAST")
	case a.optIn && a.optOut:
		return arg.Errf("You can't specify both OPTIN mode and OPTOUT mode")
	case a.optIn && was.optOut || a.optOut && was.optIn:
		return arg.Errf("You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.")
	}
	return checkPrefixes(was.prefixes, a.prefixes)
}

// checkPrefixes refuses prefixes of which one begins with another.
func checkPrefixes(was []string, given [][]byte) error {
	overlap := func(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
	for i, p := range given {
		for _, old := range was {
			if overlap(old, string(p)) {
				return arg.Errf("Prefix '%s' overlaps with an existing prefix '%s'. Prefixes for a single client must not overlap.", p, old)
			}
		}
		for _, other := range given[i+1:] {
			if overlap(string(p), string(other)) {
				return arg.Errf("Prefix '%s' overlaps with another provided prefix '%s'. Prefixes for a single client must not overlap.", p, other)
			}
		}
	}
	return nil
}

// setTracking changes what the client is told of. Its tracker stays the same as
// long as it is connected.
func (c *conn) setTracking(next tracking) {
	if c.tracker == nil && !next.on {
		return
	}
	if c.tracker == nil {
		c.tracker = &engine.Tracker{Tell: c.invalidate}
	}
	c.whole(func(tx *engine.Tx) {
		c.update(func() { c.tracking = next })
		c.broken.Store(false)
		tx.Track(c.tracker, engine.TrackMode{On: next.on, Broadcast: next.bcast, NoLoop: next.noLoop, Prefixes: next.prefixes})
	})
}

// invalidate tells the client, or the connection in its place, of changed keys; nil
// stands for all. It runs while keys are locked.
func (c *conn) invalidate(keys []string) {
	to := c
	if id := c.tracking.target; id != 0 {
		to = c.srv.client(id)
	}
	if to == nil || !to.push(func(w *wire.Writer) { putInvalidation(w, keys) }) {
		c.broken.Store(true)
		c.push(func(w *wire.Writer) {
			w.Push(2)
			w.BulkString("tracking-redir-broken")
			w.Int(c.tracking.target)
		})
	}
}

func putInvalidation(w *wire.Writer, keys []string) {
	w.Push(2)
	w.BulkString("invalidate")
	if keys == nil {
		w.Null()
		return
	}
	w.Array(len(keys))
	for _, k := range keys {
		w.BulkString(k)
	}
}

// remember remembers the keys of a command that the client has run, if it may cache
// them. The transaction holds them.
func (c *conn) remember(tx *engine.Tx, flags command.Flags) {
	if c.tracker != nil && flags.Has(command.ReadOnly) && c.tracking.caches() {
		tx.Remember(c.tracker, c.walker.Keys)
	}
}

// caches reports whether the client may cache the keys of the running command.
func (t *tracking) caches() bool {
	switch {
	case t.optIn:
		return t.caching
	case t.optOut:
		return !t.caching
	}
	return t.on && !t.bcast
}

// trim keeps the keys that are remembered to their limit, after a command of one
// who tracks.
func (c *conn) trim() {
	if c.tracker != nil {
		c.srv.trimRemembered()
	}
}

func (s *Server) trimRemembered() {
	if most := s.settings.Load().trackedKeys; most > 0 && s.eng.Remembered() > most {
		s.eng.TrimRemembered(most)
	}
}

// untrack ends the tracking of a client that leaves.
func (c *conn) untrack() {
	c.pushes.leave()
	if c.tracker != nil {
		c.srv.eng.Forget(c.tracker)
	}
}
