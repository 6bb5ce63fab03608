package bench

import (
	"math"
	"strings"
	"sync"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// setMap is what the contest of sets asks for.
type setMap interface {
	add(key, member string) (added bool)
	contains(key, member string) bool
}

func setContest() contest    { return contest{"set of 1000", setEntrants(1000)} }
func oneSetContest() contest { return contest{"one set", setEntrants(math.MaxInt)} }

func setEntrants(size int) []entrant {
	steps := func(m setMap, d data) []step { return setSteps(m, d, size) }
	return []entrant{
		enter(reside, func() setMap { return resideSets{store.New(store.Options{})} }, steps),
		enter(oneMap, func() setMap { return mapSets{newMaps[map[string]struct{}](1)} }, steps),
		enter(manyMap, func() setMap { return mapSets{newMaps[map[string]struct{}](shardCount)} }, steps),
	}
}

func setSteps(m setMap, d data, size int) []step {
	key := func(i int) string { return d.spread(i, size) }
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

// setPair is what the contest of two sets asks for.
type setPair interface {
	addTo(set int, member string)
	intersect() (n int) // lists the members that both have and counts them
	union() (n int)
	subtract() (n int) // of the first set, those that the second has not
}

// setPairContest compares two sets, each of two thirds of the elements, so that they
// share a third of them.
func setPairContest() contest {
	return contest{"two sets", []entrant{
		enter(reside, func() setPair { return residePair{store.New(store.Options{})} }, setPairSteps),
		enter(oneMap, func() setPair { return &mapPair{} }, setPairSteps),
	}}
}

func setPairSteps(p setPair, d data) []step {
	third := d.n / 3
	all := func(name string, f func() int, want int) step {
		return step{name: name, all: true, do: func(int) { must(f() == want) }}
	}
	return []step{
		{name: "add new", do: func(i int) {
			if i < d.n-third {
				p.addTo(0, d.keys.at(i))
			}
			if i >= third {
				p.addTo(1, d.keys.at(i))
			}
		}},
		all("intersection, each", p.intersect, d.n-2*third),
		all("union, each", p.union, d.n),
		all("difference, each", p.subtract, third),
	}
}

type residePair struct{ *store.Store }

func (r residePair) set(i int) types.Set[string] {
	return types.NewSet[string](r, [...]string{"first", "second"}[i])
}

func (r residePair) addTo(set int, member string) {
	n, err := r.set(set).Add(background, member)
	done(err)
	must(n == 1)
}

func (r residePair) intersect() int { return count(r.set(0).Inter(background, r.set(1))) }
func (r residePair) union() int     { return count(r.set(0).Union(background, r.set(1))) }
func (r residePair) subtract() int  { return count(r.set(0).Diff(background, r.set(1))) }

func count(members []string, err error) int {
	done(err)
	return len(members)
}

// mapPair are two maps and a lock.
type mapPair struct {
	sync.RWMutex
	sets [2]map[string]struct{}
}

func (m *mapPair) addTo(set int, member string) {
	m.Lock()
	defer m.Unlock()
	if m.sets[set] == nil {
		m.sets[set] = map[string]struct{}{}
	}
	m.sets[set][strings.Clone(member)] = struct{}{}
}

// pick lists the members of a set that another has, or that it has not.
func (m *mapPair) pick(from, other map[string]struct{}, shared bool, found []string) []string {
	for member := range from {
		if _, ok := other[member]; ok == shared {
			found = append(found, member)
		}
	}
	return found
}

func (m *mapPair) intersect() int {
	m.RLock()
	defer m.RUnlock()
	return len(m.pick(m.sets[0], m.sets[1], true, nil))
}

func (m *mapPair) union() int {
	m.RLock()
	defer m.RUnlock()
	return len(m.pick(m.sets[1], m.sets[0], false, m.pick(m.sets[0], nil, false, nil)))
}

func (m *mapPair) subtract() int {
	m.RLock()
	defer m.RUnlock()
	return len(m.pick(m.sets[0], m.sets[1], false, nil))
}
