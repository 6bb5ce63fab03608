package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// RangeBy says what the bounds of a range are.
type RangeBy uint8

// The kinds of bounds.
const (
	ByRank RangeBy = iota
	ByScore
	ByLex
	byPlace // see After
)

// ZRangeArgs are the arguments of ZRANGE and its kin.
type ZRangeArgs struct {
	Dst           engine.Key // of ZRANGESTORE
	Key           engine.Key
	Start, Stop   []byte // what they mean depends on By
	By            RangeBy
	Rev           bool
	HasLimit      bool
	Offset, Count int64
	WithScores    bool

	form  zrangeForm
	r     zrange
	bound bool // r was given, Start and Stop follow from it
}

// zrangeForm is which options a command of the family has.
type zrangeForm uint8

const (
	formFull   zrangeForm = iota // ZRANGE
	formStore                    // ZRANGESTORE
	formRank                     // ZREVRANGE
	formScore                    // ZRANGEBYSCORE, ZREVRANGEBYSCORE
	formLex                      // ZRANGEBYLEX, ZREVRANGEBYLEX
	formBounds                   // ZCOUNT, ZREMRANGEBY...: bounds alone
)

// zrange is a range whose bounds are understood.
type zrange struct {
	first, last int64 // ranks
	score       [2]ScoreBound
	lex         [2]LexBound
	place       Scored
}

func (a *ZRangeArgs) walkAs(w *arg.Walker, f arg.KeyFlags, form zrangeForm, by RangeBy, rev bool) {
	if form == formStore {
		w.Key(&a.Dst, arg.OW|arg.Update)
	}
	w.Key(&a.Key, f)
	if a.bound && !w.Decoding() {
		a.render()
	}
	for i, name := range [...]string{"start", "stop"} {
		if form > formStore {
			w.As([...]string{ByRank: "integer", ByScore: "double", ByLex: "string"}[by])
		}
		w.Bytes(name, [...]*[]byte{&a.Start, &a.Stop}[i])
	}
	a.form = form
	if form > formStore && w.Decoding() {
		a.By, a.Rev = by, rev
	}
	if form != formBounds {
		for w.Options() {
			a.options(w)
		}
	}
	if w.Decoding() && w.Rest() == 0 {
		a.check(w)
	}
}

func (a *ZRangeArgs) options(w *arg.Walker) {
	if a.form == formFull || a.form == formStore {
		a.by(w)
		if !a.Rev || !w.Decoding() {
			w.Flag("REV", &a.Rev)
		}
	}
	if full := a.form == formFull; full && w.Describing() {
		a.limit(w)
		a.withScores(w)
		return
	}
	a.withScores(w)
	a.limit(w)
}

func (a *ZRangeArgs) withScores(w *arg.Walker) {
	if a.form != formStore && (a.form != formLex || !w.Describing()) {
		w.Flag("WITHSCORES", &a.WithScores)
	}
}

func (a *ZRangeArgs) limit(w *arg.Walker) {
	if (a.form != formRank || !w.Describing()) && w.OptionOf("LIMIT", 2, &a.HasLimit) {
		limitBlock(w, &a.Offset, &a.Count)
	}
}

// limitBlock reads what is behind LIMIT.
func limitBlock(w *arg.Walker, offset, count *int64) {
	w.Begin("limit", "block")
	w.Int("offset", offset)
	w.Int("count", count)
	w.End()
}

// by reads the word that says what the bounds are; it stands once at most.
func (a *ZRangeArgs) by(w *arg.Walker) {
	if w.Decoding() && a.By != ByRank {
		return
	}
	choice := uint8(a.By)
	w.Choice("sortby", &choice, "BYSCORE", "BYLEX")
	a.By = RangeBy(choice)
}

func (a *ZRangeArgs) check(w *arg.Walker) {
	switch {
	case a.HasLimit && a.By == ByRank && a.Count == -1:
		a.HasLimit, a.Offset, a.Count = false, 0, 0 // for Redis this is no limit
	case a.HasLimit && a.By == ByRank:
		w.Fail(arg.Errf("syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"))
	case a.WithScores && a.By == ByLex:
		w.Fail(arg.Errf("syntax error, WITHSCORES not supported in combination with BYLEX"))
	}
	if w.Decoding() {
		if err := a.resolve(); err != nil {
			w.Fail(err)
		}
	}
}

func (a *ZRangeArgs) byRank(n int) (first, last int) {
	first, last, ok := (&RangeArgs{Start: a.r.first, Stop: a.r.last}).clamp(n)
	if !ok {
		return 0, -1
	}
	if a.Rev {
		return n - 1 - last, n - 1 - first
	}
	return first, last
}

// Scores is members with their scores, whether these were asked for.
type Scores struct {
	Entries []zset.Entry
	With    bool
}

func zrangeOp(tx *engine.Tx, a ZRangeArgs) (r Scores, err error) {
	r.With = a.WithScores
	z, err := findZSet(tx, a.Key)
	if z == nil {
		return r, err
	}
	first, last := a.ranks(z)
	n, skip := last-first+1, 0
	if a.HasLimit {
		if a.Offset < 0 || a.Offset >= int64(n) {
			return r, nil
		}
		skip = int(a.Offset)
		n -= skip
		if a.Count >= 0 {
			n = int(min(int64(n), a.Count))
		}
	}
	if n <= 0 {
		return r, nil
	}
	from := first + skip
	if a.Rev {
		from = last - skip
	}
	r.Entries = take(tx, z, from, n, !a.Rev)
	return r, nil
}

// take is n entries from a rank on, borrowed until the transaction ends.
func take(tx *engine.Tx, z *zset.ZSet, from, n int, forward bool) []zset.Entry {
	return z.Append(tx.KeepEntries(min(n, z.Len())), from, n, forward)
}

func zrangeRow(name, since, summary string, form zrangeForm, by RangeBy, rev bool) *Row[ZRangeArgs, Scores] {
	return define(Info{name, "sorted_set", since, ReadOnly, "", summary},
		func(a *ZRangeArgs, w *arg.Walker) { a.walkAs(w, arg.RO|arg.Access, form, by, rev) }, zrangeOp, &scores)
}

// The commands that return ranges.
var (
	ZRange           = zrangeRow("zrange", "1.2.0", "Returns the members of a range of a sorted set.", formFull, ByRank, false)
	ZRevRange        = zrangeRow("zrevrange", "1.2.0", "Returns the members of a range of ranks, the highest score first.", formRank, ByRank, true)
	ZRangeByScore    = zrangeRow("zrangebyscore", "1.0.5", "Returns the members of a range of scores.", formScore, ByScore, false)
	ZRevRangeByScore = zrangeRow("zrevrangebyscore", "2.2.0", "Returns the members of a range of scores, the highest first.", formScore, ByScore, true)
	ZRangeByLex      = zrangeRow("zrangebylex", "2.8.9", "Returns the members of a range of members with the same score.", formLex, ByLex, false)
	ZRevRangeByLex   = zrangeRow("zrevrangebylex", "2.8.9", "Returns the members of a range of members with the same score, the last first.", formLex, ByLex, true)
)

// ZRangeStore is ZRANGESTORE.
var ZRangeStore = define(Info{"zrangestore", "sorted_set", "6.2.0", Write | Reads | DenyOOM, "", "Stores the members of a range of a sorted set."},
	func(a *ZRangeArgs, w *arg.Walker) { a.walkAs(w, arg.RO|arg.Access, formStore, ByRank, false) },
	func(tx *engine.Tx, a ZRangeArgs) (int64, error) {
		r, err := zrangeOp(tx, a)
		if err != nil {
			return 0, err
		}
		return storeZSet(tx.As(event.ZRangeStore), a.Dst, r.Entries)
	}, &reply.Int)

// storeZSet replaces what a key holds by a sorted set of the entries.
func storeZSet(tx *engine.Tx, k engine.Key, entries []zset.Entry) (int64, error) {
	longest := 0
	for _, e := range entries {
		longest = max(longest, len(e.Member))
	}
	lim := tx.Limits().ZSet
	z := zset.New(len(entries), longest, lim)
	for _, e := range entries {
		z.Put(e.Member, e.Score, lim)
	}
	return int64(z.Len()), tx.Replace(k, engine.ZSet, z, 0)
}

func countRow(name, since, summary string, by RangeBy) *Row[ZRangeArgs, int64] {
	return define(Info{name, "sorted_set", since, ReadOnly | Fast, "", summary},
		func(a *ZRangeArgs, w *arg.Walker) { a.walkAs(w, arg.RO|arg.Access, formBounds, by, false) },
		func(tx *engine.Tx, a ZRangeArgs) (int64, error) {
			z, err := findZSet(tx, a.Key)
			if z == nil {
				return 0, err
			}
			first, last := a.ranks(z)
			return int64(max(last-first+1, 0)), nil
		}, &reply.Int)
}

func removeRow(what event.Name, since, summary string, by RangeBy) *Row[ZRangeArgs, int64] {
	return define(Info{what.String(), "sorted_set", since, Write, "", summary},
		func(a *ZRangeArgs, w *arg.Walker) { a.walkAs(w, arg.RW|arg.Delete, formBounds, by, false) },
		func(tx *engine.Tx, a ZRangeArgs) (int64, error) {
			z, err := findZSet(tx, a.Key)
			if z == nil {
				return 0, err
			}
			first, last := a.ranks(z)
			if first > last {
				return 0, nil
			}
			return int64(last - first + 1), tx.As(what).ZSetRemoveRange(a.Key, first, last)
		}, &reply.Int)
}

// The commands that count or remove ranges.
var (
	ZCount           = countRow("zcount", "2.0.0", "Counts the members of a range of scores.", ByScore)
	ZLexCount        = countRow("zlexcount", "2.8.9", "Counts the members of a range of members with the same score.", ByLex)
	ZRemRangeByRank  = removeRow(event.ZRemRangeByRank, "2.0.0", "Removes the members of a range of ranks.", ByRank)
	ZRemRangeByScore = removeRow(event.ZRemRangeByScore, "1.2.0", "Removes the members of a range of scores.", ByScore)
	ZRemRangeByLex   = removeRow(event.ZRemRangeByLex, "2.8.9", "Removes the members of a range of members with the same score.", ByLex)
)

func (a *SampleArgs) scores(w *arg.Walker) { a.walkWith(w, "WITHSCORES") }

// ZRandMember is ZRANDMEMBER.
var ZRandMember = defineBy(Info{"zrandmember", "sorted_set", "6.2.0", ReadOnly, "", "Returns random members of a sorted set."},
	(*SampleArgs).scores, func(tx *engine.Tx, a SampleArgs) (r Scores, err error) {
		r.With = a.With
		z, err := findZSet(tx, a.Key)
		if z == nil {
			return r, err
		}
		picks, err := a.picks(tx, z)
		for _, i := range picks {
			r.Entries = append(r.Entries, z.At(i))
		}
		return r, err
	}, func(a *SampleArgs) *reply.Codec[Scores] {
		if a.HasCount {
			return &scores
		}
		return &firstMember
	})
