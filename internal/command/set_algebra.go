package command

import (
	"slices"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// StoreArgs are a destination and sources.
type StoreArgs struct {
	Dst  engine.Key
	Keys []engine.Key
}

func (a *StoreArgs) walk(w *arg.Walker) { a.as(w, arg.OW|arg.Update) }

// inter is of SINTERSTORE, whose destination Redis describes otherwise.
func (a *StoreArgs) inter(w *arg.Walker) { a.as(w, arg.RW|arg.Update) }

func (a *StoreArgs) as(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Dst, f)
	w.KeyList(&a.Keys, arg.RO|arg.Access, 0)
}

// combine computes members from the sets of some keys, nil for a missing one.
type combine func(sets []*set.Set) [][]byte

// The commands that compare sets, and those that store what they find.
var (
	SInter      = algebra("sinter", "Returns the members that all of some sets have.", intersect)
	SUnion      = algebra("sunion", "Returns the members that any of some sets has.", union)
	SDiff       = algebra("sdiff", "Returns the members of a set that no other one has.", subtract)
	SInterStore = algebraStore(event.SInterStore, "Stores the members that all of some sets have.", intersect, (*StoreArgs).inter)
	SUnionStore = algebraStore(event.SUnionStore, "Stores the members that any of some sets has.", union, (*StoreArgs).walk)
	SDiffStore  = algebraStore(event.SDiffStore, "Stores the members of a set that no other one has.", subtract, (*StoreArgs).walk)
)

func algebra(name, summary string, f combine) *Row[KeysArgs, [][]byte] {
	return define(Info{name, "set", "1.0.0", ReadOnly, "", summary}, (*KeysArgs).read,
		func(tx *engine.Tx, a KeysArgs) ([][]byte, error) {
			sets, err := findSets(tx, a.Keys)
			if err != nil {
				return nil, err
			}
			return f(sets), nil
		}, &reply.Members)
}

func algebraStore(what event.Name, summary string, f combine, walk func(*StoreArgs, *arg.Walker)) *Row[StoreArgs, int64] {
	return define(Info{what.String(), "set", "1.0.0", Write | DenyOOM, "", summary}, walk,
		func(tx *engine.Tx, a StoreArgs) (int64, error) {
			sets, err := findSets(tx, a.Keys)
			if err != nil {
				return 0, err
			}
			return storeSet(tx.As(what), a.Dst, f(sets))
		}, &reply.Int)
}

// storeSet replaces what a key holds by a set of the members.
func storeSet(tx *engine.Tx, k engine.Key, members [][]byte) (int64, error) {
	lim := tx.Limits().Set
	s := new(set.Set)
	if len(members) > 0 {
		s = set.New(members[0], lim)
	}
	for _, m := range members {
		s.Add(m, lim)
	}
	return int64(s.Len()), tx.Replace(k, engine.Set, s, 0)
}

func findSets(tx *engine.Tx, keys []engine.Key) ([]*set.Set, error) {
	sets := make([]*set.Set, len(keys))
	for i, k := range keys {
		s, err := findSet(tx, k)
		if err != nil {
			return nil, err
		}
		sets[i] = s
	}
	return sets, nil
}

func intersect(sets []*set.Set) [][]byte { return intersectN(sets, 0) }

// intersectN stops at n members unless that is 0. It looks the members of the
// smallest set up in the others.
func intersectN(sets []*set.Set, n int64) [][]byte {
	common := [][]byte{}
	if slices.Contains(sets, nil) {
		return common
	}
	sets = slices.Clone(sets)
	slices.SortStableFunc(sets, func(a, b *set.Set) int { return a.Len() - b.Len() })
	_, ints := sets[0].Ints()
	sets[0].Each(func(m []byte) bool {
		for _, s := range sets[1:] {
			if s != sets[0] && !s.Contains(m) {
				return true
			}
		}
		common = append(common, keep(m, ints))
		return n == 0 || int64(len(common)) < n
	})
	return common
}

// keep is a member that outlives its visit; the text of an integer does not.
func keep(m []byte, isText bool) []byte {
	if isText {
		return slices.Clone(m)
	}
	return nonNil(m)
}

func union(sets []*set.Set) [][]byte {
	lim := set.DefaultLimits()
	all := set.New(nil, lim)
	for i, s := range sets {
		if s == nil {
			continue
		}
		if i == 0 || all.Len() == 0 {
			all = s.Clone()
			continue
		}
		s.Each(func(m []byte) bool {
			all.Add(m, lim)
			return true
		})
	}
	return allMembers(all)
}

func subtract(sets []*set.Set) [][]byte {
	rest := [][]byte{}
	if sets[0] == nil {
		return rest
	}
	_, ints := sets[0].Ints()
	sets[0].Each(func(m []byte) bool {
		for _, s := range sets[1:] {
			if s != nil && s.Contains(m) {
				return true
			}
		}
		rest = append(rest, keep(m, ints))
		return true
	})
	return rest
}

// CardArgs are the arguments of SINTERCARD and ZINTERCARD.
type CardArgs struct {
	Keys     []engine.Key
	Limit    int64 // 0 for none
	HasLimit bool

	bad error // of ZINTERCARD's limit: the keys come first
}

func (a *CardArgs) sets(w *arg.Walker) {
	w.NumKeys(&a.Keys, arg.RO|arg.Access, errNumKeys, errNumKeys, errManyKeys)
	a.limit(w)
}

func (a *CardArgs) zsets(w *arg.Walker) {
	inputs(w, &a.Keys, "zintercard")
	w.Later(&a.bad, func() { a.limit(w) })
}

func (a *CardArgs) limit(w *arg.Walker) {
	for w.Options() {
		if w.Option("LIMIT", &a.HasLimit) {
			w.IntOr("limit", &a.Limit, errLimitNegative)
			if w.Decoding() && a.Limit < 0 {
				w.Fail(errLimitNegative)
			}
		}
	}
}

var errLimitNegative = arg.Error{Code: "ERR", Text: "LIMIT can't be negative"}

// SInterCard is SINTERCARD.
var SInterCard = define(Info{"sintercard", "set", "7.0.0", ReadOnly, "", "Returns how many members all of some sets have."},
	(*CardArgs).sets, func(tx *engine.Tx, a CardArgs) (int64, error) {
		sets, err := findSets(tx, a.Keys)
		if err != nil {
			return 0, err
		}
		return int64(len(intersectN(sets, a.Limit))), nil
	}, &reply.Int)

var errManyKeys = arg.Errf("Number of keys can't be greater than number of args")
