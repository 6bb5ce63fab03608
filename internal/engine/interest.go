package engine

import "slices"

// interest holds who wants to know of changes of a stripe's keys. It exists only
// while somebody does, so the write path pays a nil check.
type interest struct {
	watches map[keyID][]watching
	waiters map[keyID][]*Waiter

	tracked  map[string]*trackers // keys remembered for trackers, by name alone
	prefixes *tracking            // nil while nobody wants to be told of prefixes
}

// keyID names a key in a map.
type keyID struct {
	db  int
	key string
}

func idOf(k Key) keyID { return keyID{k.DB, string(k.B)} }

func (s *stripe) interested() *interest {
	if s.interest == nil {
		s.interest = &interest{watches: map[keyID][]watching{}, waiters: map[keyID][]*Waiter{}}
	}
	return s.interest
}

// settle drops the interest once nobody is left.
func (s *stripe) settle() {
	if i := s.interest; i != nil && len(i.watches) == 0 && len(i.waiters) == 0 && len(i.tracked) == 0 && len(s.eng.tracking.known) == 0 {
		s.interest = nil
	}
}

// in reports whether anybody watches the key or waits for it.
func (i *interest) in(k Key) bool {
	return len(i.watches[keyID{k.DB, string(k.B)}]) > 0 || len(i.waiters[keyID{k.DB, string(k.B)}]) > 0
}

func (i *interest) hasWaiters() bool { return i != nil && len(i.waiters) > 0 }

// without removes items from the list of id, and the list from the map when it is
// empty.
func without[T any](m map[keyID][]T, id keyID, is func(T) bool) {
	list := slices.DeleteFunc(m[id], is)
	if len(list) == 0 {
		delete(m, id)
	} else {
		m[id] = list
	}
}
