package command

import (
	"slices"
	"strconv"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/wire"
)

// ScoreBound is a score that a range begins or ends with.
type ScoreBound struct {
	F    float64
	Open bool // the score itself is outside
}

// LexBound is a member that a range begins or ends with.
type LexBound struct {
	B    []byte
	Open bool // the member itself is outside
	Inf  int  // -1 before and 1 behind every member
}

// Ranks makes the range one of ranks.
func (a *ZRangeArgs) Ranks(first, last int64) {
	a.By, a.bound, a.r.first, a.r.last = ByRank, true, first, last
}

// Scores makes the range one of scores; lo is the lower one even in reverse.
func (a *ZRangeArgs) Scores(lo, hi ScoreBound) {
	a.By, a.bound, a.r.score = ByScore, true, [2]ScoreBound{lo, hi}
}

// Lex makes the range one of members; lo is the lower one even in reverse.
func (a *ZRangeArgs) Lex(lo, hi LexBound) {
	a.By, a.bound, a.r.lex = ByLex, true, [2]LexBound{lo, hi}
}

// After makes the range the n members behind the place of a score and member, or
// before it in reverse: what an iterator goes on with, whatever came and went
// meanwhile. No words of a client say this.
func (a *ZRangeArgs) After(score float64, member []byte, n int64) {
	a.By, a.r.place = byPlace, Scored{score, member}
	a.HasLimit, a.Count = true, n
}

// resolve understands the bounds. Reversed score and lex ranges name the upper
// one first.
func (a *ZRangeArgs) resolve() error {
	lo, hi := a.Start, a.Stop
	if a.Rev && a.By != ByRank {
		lo, hi = hi, lo
	}
	var ok, ok2 bool
	switch a.By {
	case ByRank:
		a.r.first, ok = arg.ParseInt(lo)
		a.r.last, ok2 = arg.ParseInt(hi)
		if !ok || !ok2 {
			return arg.ErrNotInt
		}
	case ByScore:
		a.r.score[0], ok = parseScore(lo)
		a.r.score[1], ok2 = parseScore(hi)
		if !ok || !ok2 {
			return arg.Errf("min or max is not a float")
		}
	default:
		a.r.lex[0], ok = parseLex(lo)
		a.r.lex[1], ok2 = parseLex(hi)
		if !ok || !ok2 {
			return arg.Errf("min or max not valid string range item")
		}
	}
	return nil
}

// render is the inverse of resolve.
func (a *ZRangeArgs) render() {
	var lo, hi []byte
	switch a.By {
	case ByRank:
		lo, hi = strconv.AppendInt(nil, a.r.first, 10), strconv.AppendInt(nil, a.r.last, 10)
	case ByScore:
		lo, hi = a.r.score[0].text(), a.r.score[1].text()
	default:
		lo, hi = a.r.lex[0].text(), a.r.lex[1].text()
	}
	if a.Rev && a.By != ByRank {
		lo, hi = hi, lo
	}
	a.Start, a.Stop = lo, hi
}

func parseScore(b []byte) (s ScoreBound, ok bool) {
	if len(b) > 0 && b[0] == '(' {
		s.Open, b = true, b[1:]
	}
	s.F, ok = arg.ParseLoose(b)
	return s, ok
}

func (s ScoreBound) text() []byte {
	if s.Open {
		return wire.AppendDouble([]byte{'('}, s.F)
	}
	return wire.AppendDouble(nil, s.F)
}

func parseLex(b []byte) (l LexBound, ok bool) {
	switch {
	case string(b) == "-":
		return LexBound{Inf: -1}, true
	case string(b) == "+":
		return LexBound{Inf: 1}, true
	case len(b) > 0 && (b[0] == '(' || b[0] == '['):
		return LexBound{B: b[1:], Open: b[0] == '('}, true
	}
	return l, false
}

func (l LexBound) text() []byte {
	switch {
	case l.Inf < 0:
		return []byte{'-'}
	case l.Inf > 0:
		return []byte{'+'}
	case l.Open:
		return slices.Concat([]byte{'('}, l.B)
	}
	return slices.Concat([]byte{'['}, l.B)
}

// ranks is the first and last rank, counted forward, of the range in a set.
func (a *ZRangeArgs) ranks(z *zset.ZSet) (first, last int) {
	switch a.By {
	case ByRank:
		return a.byRank(z.Len())
	case ByScore:
		lo, hi := a.r.score[0], a.r.score[1]
		return z.CountBelow(lo.F, lo.Open), z.CountBelow(hi.F, !hi.Open) - 1
	case byPlace:
		p := a.r.place
		if a.Rev {
			return 0, z.CountBefore(p.Score, p.Member, false) - 1
		}
		return z.CountBefore(p.Score, p.Member, true), z.Len() - 1
	}
	lo, hi := a.r.lex[0], a.r.lex[1]
	return lo.below(z, lo.Open), hi.below(z, !hi.Open) - 1
}

func (l LexBound) below(z *zset.ZSet, orEqual bool) int {
	switch l.Inf {
	case -1:
		return 0
	case 1:
		return z.Len()
	}
	return z.CountLexBelow(l.B, orEqual)
}
