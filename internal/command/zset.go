package command

import (
	"cmp"
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/internal/wire"
)

func zsetRows() []Command {
	return []Command{ZAdd, ZIncrBy, ZRem, ZCard, ZScore, ZMScore, ZCount, ZLexCount, ZRank, ZRevRank, ZScan,
		ZRange, ZRangeStore, ZRevRange, ZRangeByScore, ZRevRangeByScore, ZRangeByLex, ZRevRangeByLex,
		ZRemRangeByRank, ZRemRangeByScore, ZRemRangeByLex, ZRandMember,
		ZPopMin, ZPopMax, BZPopMin, BZPopMax, ZMPop, BZMPop,
		ZUnion, ZInter, ZDiff, ZUnionStore, ZInterStore, ZDiffStore, ZInterCard}
}

// findZSet is the sorted set of a key, nil if there is none.
func findZSet(tx *engine.Tx, k engine.Key) (*zset.ZSet, error) {
	e, err := tx.FindAs(k, engine.ZSet)
	if e == nil {
		return nil, err
	}
	return e.ZSet(), nil
}

// ZAddArgs are the arguments of ZADD.
type ZAddArgs struct {
	Key            engine.Key
	NX, XX, GT, LT bool
	Changed        bool // CH: count changed members too
	Incr           bool
	Members        []Scored

	words [][]byte
	one   [1]Scored // room for the usual case
}

// Scored is a member with a score.
type Scored struct {
	Score  float64
	Member []byte
}

func (a *ZAddArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Update)
	for w.OptionsWhile("NX", "XX", "GT", "LT", "CH", "INCR") {
		w.Begin("condition", "oneof")
		w.Flag("NX", &a.NX)
		w.Flag("XX", &a.XX)
		w.End()
		w.Begin("comparison", "oneof")
		w.Flag("GT", &a.GT)
		w.Flag("LT", &a.LT)
		w.End()
		w.Flag("CH", &a.Changed)
		w.Flag("INCR", &a.Incr)
	}
	if !w.Decoding() {
		a.words = scoredWords(a.Members)
	}
	w.As("double")
	w.Tuples([]string{"score", "member"}, &a.words, arg.ErrSyntax)
	if w.Decoding() {
		a.check(w)
	}
}

func (a *ZAddArgs) check(w *arg.Walker) {
	switch {
	case a.NX && a.XX:
		w.Fail(arg.Errf("XX and NX options at the same time are not compatible"))
	case a.GT && a.NX || a.LT && a.NX || a.GT && a.LT:
		w.Fail(arg.Errf("GT, LT, and/or NX options at the same time are not compatible"))
	case a.Incr && len(a.words) > 2:
		w.Fail(arg.Errf("INCR option supports a single increment-element pair"))
	}
	a.Members = a.one[:0]
	for i := 0; i < len(a.words) && w.Decoding(); i += 2 {
		f, ok := arg.ParseFloat(a.words[i])
		if !ok {
			w.Fail(arg.ErrNotFloat)
		}
		a.Members = append(a.Members, Scored{f, a.words[i+1]})
	}
}

func scoredWords(list []Scored) [][]byte {
	var words [][]byte
	for _, s := range list {
		words = append(words, wire.AppendDouble(nil, s.Score), s.Member)
	}
	return words
}

// ZAddResult is how many members were added, and added or changed; with INCR, the
// score, if anything was done.
type ZAddResult struct {
	Added, Updated int64
	Score          float64
	Done           bool
}

// ZAdd is ZADD.
var ZAdd = defineBy(Info{"zadd", "sorted_set", "1.2.0", Write | DenyOOM | Fast, "", "Adds members to a sorted set or changes their scores."},
	(*ZAddArgs).walk, zadd, func(a *ZAddArgs) *reply.Codec[ZAddResult] {
		switch {
		case a.Incr:
			return &zaddScore
		case a.Changed:
			return &zaddChanged
		}
		return &zaddAdded
	})

var (
	zaddAdded   = reply.Codec[ZAddResult]{Put: func(w *wire.Writer, r ZAddResult) { w.Int(r.Added) }}
	zaddChanged = reply.Codec[ZAddResult]{Put: func(w *wire.Writer, r ZAddResult) { w.Int(r.Added + r.Updated) }}
	zaddScore   = reply.Codec[ZAddResult]{Put: func(w *wire.Writer, r ZAddResult) {
		if r.Done {
			w.Double(r.Score)
		} else {
			w.Null()
		}
	}}
)

func zadd(tx *engine.Tx, a ZAddArgs) (r ZAddResult, err error) {
	z, err := findZSet(tx, a.Key)
	if err != nil || z == nil && a.XX {
		return r, err
	}
	what := event.ZAdd
	if a.Incr {
		what = event.ZIncr
	}
	failed := tx.As(what).ZSetPut(a.Key, func(z *zset.ZSet) (m []byte, score float64, ok bool) {
		for ; len(a.Members) > 0 && !ok && err == nil; a.Members = a.Members[1:] {
			m = a.Members[0].Member
			score, ok, err = a.judge(z, a.Members[0], &r)
		}
		return m, score, ok
	})
	return r, cmp.Or(failed, err)
}

// judge tells whether a member is to be put into the set, and its score then.
func (a *ZAddArgs) judge(z *zset.ZSet, m Scored, r *ZAddResult) (score float64, put bool, err error) {
	old, had := z.Score(m.Member)
	if a.NX && had || a.XX && !had {
		return 0, false, nil
	}
	score = m.Score
	if a.Incr && had {
		score += old
	}
	if math.IsNaN(score) {
		return 0, false, ErrNaN
	}
	if had && (a.GT && score <= old || a.LT && score >= old) {
		return 0, false, nil
	}
	r.Done, r.Score = true, score
	switch {
	case !had:
		r.Added++
	case score != old:
		r.Updated++
	}
	return score, !had || score != old, nil
}

// ErrNaN is the error of scores that add up to no number.
var ErrNaN = arg.Error{Code: "ERR", Text: "resulting score is not a number (NaN)"}

// ZIncrByArgs are the arguments of ZINCRBY.
type ZIncrByArgs struct {
	Key    engine.Key
	By     float64
	Member []byte
}

func (a *ZIncrByArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	if w.At("NX", "XX", "GT", "LT", "CH", "INCR") {
		w.Fail(arg.ErrSyntax) // Redis takes it for an option of ZADD
	}
	w.As("integer")
	w.Float("increment", &a.By)
	w.Bytes("member", &a.Member)
}

// ZIncrBy is ZINCRBY.
var ZIncrBy = define(Info{"zincrby", "sorted_set", "1.2.0", Write | DenyOOM | Fast, "", "Adds to the score of a member of a sorted set."},
	(*ZIncrByArgs).walk, func(tx *engine.Tx, a ZIncrByArgs) (float64, error) {
		r, err := zadd(tx, ZAddArgs{Key: a.Key, Incr: true, Members: []Scored{{a.By, a.Member}}})
		return r.Score, err
	}, &reply.Double)

// ZRem is ZREM.
var ZRem = define(Info{"zrem", "sorted_set", "1.2.0", Write | Fast, "", "Removes members from a sorted set, and the set with the last one."},
	(*MembersArgs).rem, func(tx *engine.Tx, a MembersArgs) (int64, error) {
		if z, err := findZSet(tx, a.Key); z == nil {
			return 0, err
		}
		n, err := tx.ZSetRemove(a.Key, a.Members...)
		return int64(n), err
	}, &reply.Int)

// ZCard is ZCARD.
var ZCard = define(Info{"zcard", "sorted_set", "1.2.0", ReadOnly | Fast, "", "Returns the number of members of a sorted set."},
	(*KeyArgs).probe, func(tx *engine.Tx, a KeyArgs) (int64, error) {
		z, err := findZSet(tx, a.Key)
		if z == nil {
			return 0, err
		}
		return int64(z.Len()), nil
	}, &reply.Int)

// ZScore is ZSCORE.
var ZScore = define(Info{"zscore", "sorted_set", "1.2.0", ReadOnly | Fast, "", "Returns the score of a member of a sorted set."},
	(*MemberArgs).read, func(tx *engine.Tx, a MemberArgs) (reply.MaybeDouble, error) {
		z, err := findZSet(tx, a.Key)
		if z == nil {
			return reply.MaybeDouble{}, err
		}
		score, ok := z.Score(a.Member)
		return reply.MaybeDouble{F: score, OK: ok}, nil
	}, &reply.DoubleOrNull)

// ZMScore is ZMSCORE.
var ZMScore = define(Info{"zmscore", "sorted_set", "6.2.0", ReadOnly | Fast, "", "Returns the scores of members of a sorted set, null for those it does not have."},
	(*MembersArgs).read, func(tx *engine.Tx, a MembersArgs) ([]reply.MaybeDouble, error) {
		z, err := findZSet(tx, a.Key)
		if err != nil {
			return nil, err
		}
		scores := make([]reply.MaybeDouble, len(a.Members))
		for i, m := range a.Members {
			if z != nil {
				scores[i].F, scores[i].OK = z.Score(m)
			}
		}
		return scores, nil
	}, &reply.Doubles)

// RankArgs are the arguments of ZRANK and ZREVRANK.
type RankArgs struct {
	Key       engine.Key
	Member    []byte
	WithScore bool
}

func (a *RankArgs) walkAs(w *arg.Walker, name string) {
	if w.Decoding() && w.Rest() > 3 {
		w.Fail(arg.ErrArity(name))
	}
	w.Key(&a.Key, arg.RO|arg.Access)
	w.Bytes("member", &a.Member)
	for w.Options() {
		w.Flag("WITHSCORE", &a.WithScore)
	}
}

// Ranked is a rank with its score, if the member is there.
type Ranked struct {
	Rank  int64
	Score float64
	OK    bool
}

// ZRank is ZRANK, ZRevRank is ZREVRANK.
var (
	ZRank    = rankRow("zrank", "Returns how many members come before one in a sorted set.", false)
	ZRevRank = rankRow("zrevrank", "Returns how many members come behind one in a sorted set.", true)
)

func rankRow(name, summary string, reverse bool) *Row[RankArgs, Ranked] {
	return defineBy(Info{name, "sorted_set", "2.0.0", ReadOnly | Fast, "", summary},
		func(a *RankArgs, w *arg.Walker) { a.walkAs(w, name) }, rank(reverse), rankReply)
}

func rank(reverse bool) func(*engine.Tx, RankArgs) (Ranked, error) {
	return func(tx *engine.Tx, a RankArgs) (r Ranked, err error) {
		z, err := findZSet(tx, a.Key)
		if z == nil {
			return r, err
		}
		i, ok := z.Rank(a.Member)
		if !ok {
			return r, nil
		}
		if reverse {
			i = z.Len() - 1 - i
		}
		score, _ := z.Score(a.Member)
		return Ranked{int64(i), score, true}, nil
	}
}

func rankReply(a *RankArgs) *reply.Codec[Ranked] {
	if a.WithScore {
		return &rankAndScore
	}
	return &rankOnly
}

var (
	rankOnly = reply.Codec[Ranked]{Put: func(w *wire.Writer, r Ranked) {
		if r.OK {
			w.Int(r.Rank)
		} else {
			w.Null()
		}
	}}
	rankAndScore = reply.Codec[Ranked]{Put: func(w *wire.Writer, r Ranked) {
		if !r.OK {
			w.NullArray()
			return
		}
		w.Array(2)
		w.Int(r.Rank)
		w.Double(r.Score)
	}}
)
