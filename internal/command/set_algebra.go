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
	return define(Info{what.String(), "set", "1.0.0", Write | Reads | DenyOOM, "", summary}, walk,
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

func intersect(sets []*set.Set) [][]byte {
	return collect(sets, 0, eachShared)
}

// collect lists the members that a walk over sets gives, about so many. The text of an
// integer does not outlive its visit.
func collect(sets []*set.Set, about int, walk func(sets []*set.Set, fn func(m []byte) bool)) [][]byte {
	found := make([][]byte, 0, about)
	ints := slices.ContainsFunc(sets, isIntset)
	walk(sets, func(m []byte) bool {
		if ints {
			m = slices.Clone(m)
		}
		found = append(found, nonNil(m))
		return true
	})
	return found
}

func isIntset(s *set.Set) bool {
	if s == nil {
		return false
	}
	_, is := s.Ints()
	return is
}

// eachShared visits the members that all sets have: it looks those of the smallest up in
// the others.
func eachShared(sets []*set.Set, fn func(m []byte) bool) {
	if slices.Contains(sets, nil) {
		return
	}
	sets = slices.Clone(sets)
	slices.SortStableFunc(sets, func(a, b *set.Set) int { return a.Len() - b.Len() })
	if len(sets) == 1 {
		sets[0].Each(fn)
		return
	}
	sets[0].Meet(sets[1], true, func(m []byte) bool {
		return !allHave(sets[2:], m) || fn(m)
	})
}

func allHave(sets []*set.Set, m []byte) bool {
	return !slices.ContainsFunc(sets, func(s *set.Set) bool { return !s.Contains(m) })
}

func anyHas(sets []*set.Set, m []byte) bool {
	return slices.ContainsFunc(sets, func(s *set.Set) bool { return s != nil && s.Contains(m) })
}

func union(sets []*set.Set) [][]byte {
	total, tables := 0, false
	for _, s := range sets {
		if s != nil {
			total += s.Len()
			tables = tables || s.Buckets() > 0
		}
	}
	if tables {
		return collect(sets, total, eachOnce)
	}
	// Small ones become one set, which has the order that Redis's has.
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

// eachOnce visits the members of all sets: of each those that none before has.
func eachOnce(sets []*set.Set, fn func(m []byte) bool) {
	for i, s := range sets {
		if s != nil {
			eachMissing(s, sets[:i], fn)
		}
	}
}

// eachMissing visits the members of a set that none of others has.
func eachMissing(s *set.Set, others []*set.Set, fn func(m []byte) bool) {
	if len(others) == 0 {
		s.Each(fn)
		return
	}
	s.Meet(others[0], false, func(m []byte) bool {
		return anyHas(others[1:], m) || fn(m)
	})
}

func subtract(sets []*set.Set) [][]byte {
	return collect(sets, 0, func(sets []*set.Set, fn func(m []byte) bool) {
		if sets[0] != nil {
			eachMissing(sets[0], sets[1:], fn)
		}
	})
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
		n := int64(0)
		eachShared(sets, func([]byte) bool {
			n++
			return n != a.Limit
		})
		return n, nil
	}, &reply.Int)

var errManyKeys = arg.Errf("Number of keys can't be greater than number of args")
