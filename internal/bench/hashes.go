package bench

import (
	"math"
	"strings"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// hashMap is what the contests of hashes ask for.
type hashMap interface {
	set(key, field, value string) (added bool)
	get(key, field string) (string, bool)
}

func hashContest() contest      { return contest{"hash of 1000", hashEntrants(1000)} }
func smallHashContest() contest { return contest{"hash of 10", hashEntrants(10)} }
func oneHashContest() contest   { return contest{"one hash", hashEntrants(math.MaxInt)} }

func hashEntrants(size int) []entrant {
	steps := func(m hashMap, d data) []step { return hashSteps(m, d, size) }
	return []entrant{
		enter(reside, func() hashMap { return resideHashes{store.New(store.Options{})} }, steps),
		enter(oneMap, func() hashMap { return mapHashes{newMaps[map[string]string](1)} }, steps),
		enter(manyMap, func() hashMap { return mapHashes{newMaps[map[string]string](shardCount)} }, steps),
	}
}

func hashSteps(m hashMap, d data, size int) []step {
	return []step{
		{name: "set new", do: func(i int) { must(m.set(d.spread(i, size), d.keys.at(i), d.values.at(i))) }},
		{name: "get", do: func(i int) {
			v, ok := m.get(d.spread(i, size), d.keys.at(i))
			must(ok && len(v) == textLen)
		}},
		{name: "set existing", do: func(i int) { must(!m.set(d.spread(i, size), d.keys.at(i), d.others.at(i))) }},
	}
}

type resideHashes struct{ *store.Store }

func (r resideHashes) set(key, field, value string) bool {
	added, err := types.NewHash[string, string](r, key).Set(background, field, value)
	done(err)
	return added
}

func (r resideHashes) get(key, field string) (string, bool) {
	v, ok, err := types.NewHash[string, string](r, key).Get(background, field)
	done(err)
	return v, ok
}

type mapHashes struct{ *maps[map[string]string] }

func (m mapHashes) set(key, field, value string) (added bool) {
	value = strings.Clone(value)
	s := m.of(key)
	s.Lock()
	defer s.Unlock()
	h := s.m[key]
	if h == nil {
		h = map[string]string{}
		s.m[strings.Clone(key)] = h
	}
	_, had := h[field]
	if !had {
		field = strings.Clone(field)
	}
	h[field] = value
	return !had
}

func (m mapHashes) get(key, field string) (string, bool) {
	s := m.of(key)
	s.RLock()
	v, ok := s.m[key][field]
	s.RUnlock()
	return v, ok
}
