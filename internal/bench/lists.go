package bench

import (
	"slices"
	"strings"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// queues is what the contest of lists asks for.
type queues interface {
	push(key, value string) (length int)
	pop(key string) (string, bool)
	slice(key string, from, n int) []string     // of elements that may be the ones kept
	sliceCopy(key string, from, n int) []string // of elements in memory of their own
}

// queueSize is how long a list gets.
const queueSize = 1000

func listContest() contest { return contest{"list of 1000", listEntrants(queueSize)} }

func listEntrants(size int) []entrant {
	steps := func(q queues, d data) []step { return listSteps(q, d, size) }
	return []entrant{
		enter(reside, func() queues { return resideQueues{store.New(store.Options{})} }, steps),
		enter(oneMap, func() queues { return sliceQueues{newMaps[[]string](1)} }, steps),
		enter(manyMap, func() queues { return sliceQueues{newMaps[[]string](shardCount)} }, steps),
	}
}

// oneListContest has all elements in one list.
func oneListContest() contest {
	return contest{"one list", []entrant{
		enter(reside, func() queues { return resideQueues{store.New(store.Options{})} }, oneListSteps),
		enter(oneMap, func() queues { return sliceQueues{newMaps[[]string](1)} }, oneListSteps),
	}}
}

// rangeSize is how many elements a range has.
const rangeSize = 100

func oneListSteps(q queues, d data) []step {
	const key = "list"
	of := func(read func(key string, from, n int) []string) func(i int) {
		return func(i int) { must(len(read(key, min(i, d.n-rangeSize), rangeSize)) == rangeSize) }
	}
	return []step{
		{name: "push back", do: func(i int) { must(q.push(key, d.values.at(i)) > 0) }},
		{name: "range of 100", do: of(q.slice)},
		{name: "range of 100, copied", do: of(q.sliceCopy)},
		{name: "pop front", do: func(int) {
			v, ok := q.pop(key)
			must(ok && len(v) == textLen)
		}},
	}
}

func listSteps(q queues, d data, size int) []step {
	key := func(i int) string { return d.spread(i, size) }
	return []step{
		{name: "push back", do: func(i int) { must(q.push(key(i), d.values.at(i)) > 0) }},
		{name: "pop front and push back", do: func(i int) {
			v, ok := q.pop(key(i))
			must(ok && len(v) == textLen)
			must(q.push(key(i), v) > 0)
		}},
		{name: "pop front", do: func(i int) {
			v, ok := q.pop(key(i))
			must(ok && len(v) == textLen)
		}},
	}
}

type resideQueues struct{ *store.Store }

func (r resideQueues) push(key, value string) int {
	n, err := types.NewList[string](r, key).PushBack(background, value)
	done(err)
	return int(n)
}

func (r resideQueues) pop(key string) (string, bool) {
	v, ok, err := types.NewList[string](r, key).PopFront(background)
	done(err)
	return v, ok
}

func (r resideQueues) slice(key string, from, n int) []string {
	vs, err := types.NewList[string](r, key).Range(background, int64(from), int64(from+n-1))
	done(err)
	return vs
}

func (r resideQueues) sliceCopy(key string, from, n int) []string { return r.slice(key, from, n) }

// sliceQueues are slices that are appended to and cut at the front.
type sliceQueues struct{ *maps[[]string] }

func (q sliceQueues) push(key, value string) int {
	value = strings.Clone(value)
	s := q.of(key)
	s.Lock()
	defer s.Unlock()
	list, ok := s.m[key]
	if !ok {
		key = strings.Clone(key)
	}
	list = append(list, value)
	s.m[key] = list
	return len(list)
}

func (q sliceQueues) pop(key string) (string, bool) {
	s := q.of(key)
	s.Lock()
	defer s.Unlock()
	list := s.m[key]
	if len(list) == 0 {
		return "", false
	}
	v := list[0]
	list[0] = ""
	if len(list) == 1 {
		delete(s.m, key)
	} else {
		s.m[key] = list[1:]
	}
	return v, true
}

func (q sliceQueues) slice(key string, from, n int) []string {
	s := q.of(key)
	s.RLock()
	defer s.RUnlock()
	return slices.Clone(s.m[key][from : from+n])
}

func (q sliceQueues) sliceCopy(key string, from, n int) []string {
	list := q.slice(key, from, n) // of strings, which do not change
	for i, v := range list {
		list[i] = strings.Clone(v)
	}
	return list
}
