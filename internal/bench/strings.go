package bench

import (
	"strings"
	"sync"

	"github.com/puzpuzpuz/xsync/v4"
	"github.com/tidwall/buntdb"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// stringMap is what the contest of strings asks for.
type stringMap interface {
	// get returns a value that the store may do nothing to any more: a copy.
	get(key string) (string, bool)
	// look reads the value without a copy that lasts, and returns its length.
	look(key string) (int, bool)
	set(key, value string)
	remove(key string) bool
}

func stringContest() contest { return contest{"string", stringEntrants(stringSteps)} }

func stringEntrants(steps func(stringMap, data) []step) []entrant {
	return []entrant{
		enter(reside, func() stringMap { return resideStrings{store.New(store.Options{})} }, steps),
		enter(oneMap, func() stringMap { return mapStrings{newMaps[string](1)} }, steps),
		enter(manyMap, func() stringMap { return mapStrings{newMaps[string](shardCount)} }, steps),
		enter(syncMap, func() stringMap { return new(syncStrings) }, steps),
		enter(xsyncV4, func() stringMap { return xsyncStrings{xsync.NewMap[string, string]()} }, steps),
		enter(bunt, func() stringMap { return buntStrings{openBunt()} }, steps),
	}
}

func stringSteps(m stringMap, d data) []step {
	return []step{
		{name: "set new", do: func(i int) { m.set(d.keys.at(i), d.values.at(i)) }},
		{name: "get, hit", do: func(i int) {
			v, ok := m.get(d.keys.at(i))
			must(ok && len(v) == textLen)
		}},
		{name: "look, hit", do: func(i int) {
			n, ok := m.look(d.keys.at(i))
			must(ok && n == textLen)
		}},
		{name: "get, miss", do: func(i int) {
			_, ok := m.get(d.absent.at(i))
			must(!ok)
		}},
		{name: "set existing", do: func(i int) { m.set(d.keys.at(i), d.others.at(i)) }},
		{name: "delete", do: func(i int) { must(m.remove(d.keys.at(i))) }},
	}
}

// copied copies what a map hands out.
func copied(v string, ok bool) (string, bool) { return strings.Clone(v), ok }

// length is that of what a map hands out.
func length(v string, ok bool) (int, bool) { return len(v), ok }

type resideStrings struct{ *store.Store }

func (r resideStrings) get(key string) (string, bool) {
	v, ok, err := types.NewString[string](r, key).Get(background)
	done(err)
	return v, ok
}

func (r resideStrings) look(key string) (int, bool) {
	var room [textLen]byte
	v, ok, err := types.NewString[string](r, key).AppendTo(background, room[:0])
	done(err)
	return len(v), ok
}

func (r resideStrings) set(key, value string) {
	done(types.NewString[string](r, key).Set(background, value))
}

func (r resideStrings) remove(key string) bool {
	ok, err := types.NewString[string](r, key).Delete(background)
	done(err)
	return ok
}

type mapStrings struct{ *maps[string] }

func (m mapStrings) load(key string) (string, bool) {
	s := m.of(key)
	s.RLock()
	v, ok := s.m[key]
	s.RUnlock()
	return v, ok
}

func (m mapStrings) get(key string) (string, bool) { return copied(m.load(key)) }
func (m mapStrings) look(key string) (int, bool)   { return length(m.load(key)) }

func (m mapStrings) set(key, value string) {
	value = strings.Clone(value)
	s := m.of(key)
	s.Lock()
	if _, ok := s.m[key]; !ok {
		key = strings.Clone(key)
	}
	s.m[key] = value
	s.Unlock()
}

func (m mapStrings) remove(key string) bool {
	s := m.of(key)
	s.Lock()
	_, ok := s.m[key]
	delete(s.m, key)
	s.Unlock()
	return ok
}

type syncStrings struct{ sync.Map }

func (m *syncStrings) get(key string) (string, bool) { return copied(m.load(key)) }
func (m *syncStrings) look(key string) (int, bool)   { return length(m.load(key)) }

func (m *syncStrings) load(key string) (string, bool) {
	v, ok := m.Load(key)
	if !ok {
		return "", false
	}
	return v.(string), true
}

func (m *syncStrings) set(key, value string) { m.Store(strings.Clone(key), strings.Clone(value)) }

func (m *syncStrings) remove(key string) bool {
	_, ok := m.LoadAndDelete(key)
	return ok
}

type xsyncStrings struct{ *xsync.Map[string, string] }

func (m xsyncStrings) get(key string) (string, bool) { return copied(m.Load(key)) }
func (m xsyncStrings) look(key string) (int, bool)   { return length(m.Load(key)) }
func (m xsyncStrings) set(key, value string)         { m.Store(strings.Clone(key), strings.Clone(value)) }

func (m xsyncStrings) remove(key string) bool {
	_, ok := m.LoadAndDelete(key)
	return ok
}

type buntStrings struct{ *buntdb.DB }

func openBunt() *buntdb.DB {
	db, err := buntdb.Open(":memory:")
	done(err)
	return db
}

func (b buntStrings) get(key string) (string, bool) { return copied(b.load(key)) }
func (b buntStrings) look(key string) (int, bool)   { return length(b.load(key)) }

func (b buntStrings) load(key string) (v string, ok bool) {
	err := b.View(func(tx *buntdb.Tx) (err error) {
		v, err = tx.Get(key)
		return err
	})
	return v, found(err)
}

func (b buntStrings) set(key, value string) {
	done(b.Update(func(tx *buntdb.Tx) error {
		_, _, err := tx.Set(strings.Clone(key), strings.Clone(value), nil)
		return err
	}))
}

func (b buntStrings) remove(key string) bool {
	return found(b.Update(func(tx *buntdb.Tx) error {
		_, err := tx.Delete(key)
		return err
	}))
}

// found reports whether the error is none, and not that of a missing key.
func found(err error) bool {
	if err == buntdb.ErrNotFound {
		return false
	}
	done(err)
	return true
}
