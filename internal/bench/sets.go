package bench

import (
	"strings"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// setMap is what the contest of sets asks for.
type setMap interface {
	add(key, member string) (added bool)
	contains(key, member string) bool
}

// setSize is how many members a set has.
const setSize = 1000

func setContest() contest {
	return contest{"set of 1000", []entrant{
		enter(reside, func() setMap { return resideSets{store.New(store.Options{})} }, setSteps),
		enter(oneMap, func() setMap { return mapSets{newMaps[map[string]struct{}](1)} }, setSteps),
		enter(manyMap, func() setMap { return mapSets{newMaps[map[string]struct{}](shardCount)} }, setSteps),
	}}
}

func setSteps(m setMap, d data) []step {
	key := func(i int) string { return d.spread(i, setSize) }
	return []step{
		{name: "add new", do: func(i int) { must(m.add(key(i), d.keys.at(i))) }},
		{name: "contains, yes", do: func(i int) { must(m.contains(key(i), d.keys.at(i))) }},
		{name: "contains, no", do: func(i int) { must(!m.contains(key(i), d.absent.at(i))) }},
		{name: "add again", do: func(i int) { must(!m.add(key(i), d.keys.at(i))) }},
	}
}

type resideSets struct{ *store.Store }

func (r resideSets) add(key, member string) bool {
	n, err := types.NewSet[string](r, key).Add(background, member)
	done(err)
	return n == 1
}

func (r resideSets) contains(key, member string) bool {
	is, err := types.NewSet[string](r, key).Contains(background, member)
	done(err)
	return is
}

type mapSets struct {
	*maps[map[string]struct{}]
}

func (m mapSets) add(key, member string) bool {
	s := m.of(key)
	s.Lock()
	defer s.Unlock()
	set := s.m[key]
	if set == nil {
		set = map[string]struct{}{}
		s.m[strings.Clone(key)] = set
	}
	_, had := set[member]
	if !had {
		set[strings.Clone(member)] = struct{}{}
	}
	return !had
}

func (m mapSets) contains(key, member string) bool {
	s := m.of(key)
	s.RLock()
	_, ok := s.m[key][member]
	s.RUnlock()
	return ok
}
