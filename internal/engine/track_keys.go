package engine

import "slices"

// trackers are those for whom a key is remembered.
type trackers struct {
	one  *Tracker
	more map[*Tracker]struct{} // all of them, if there are more than one
}

func (x *trackers) add(t *Tracker) (added bool) {
	switch {
	case x.more != nil:
		before := len(x.more)
		x.more[t] = struct{}{}
		return len(x.more) > before
	case x.one == nil:
		x.one = t
	case x.one == t:
		return false
	default:
		x.more = map[*Tracker]struct{}{x.one: {}, t: {}}
		x.one = nil
	}
	return true
}

func (x *trackers) each(f func(*Tracker)) {
	if x.one != nil {
		f(x.one)
	}
	for t := range x.more {
		f(t)
	}
}

// tell tells them that the key was changed, by whomever.
func (x *trackers) tell(key string, by *Tracker) {
	x.each(func(t *Tracker) {
		if t.mode.On && !t.mode.Broadcast && (!t.mode.NoLoop || t != by) {
			t.Tell([]string{key})
		}
	})
}

// Remember remembers keys that the tracker has read in this transaction, which
// holds them: of their next change it is told. O(1) a key.
func (tx *Tx) Remember(t *Tracker, keys []Key) {
	for i := range keys {
		tx.eng.stripe(keys[i].Hash).remember(t, keys[i].B)
	}
}

func (s *stripe) remember(t *Tracker, key []byte) {
	in, tr := s.interested(), &s.eng.tracking
	x := in.tracked[string(key)]
	if x == nil {
		if in.tracked == nil {
			in.tracked = map[string]*trackers{}
		}
		x = new(trackers)
		in.tracked[string(key)] = x
		tr.keys.Add(1)
	}
	if x.add(t) {
		t.items.Add(1)
		tr.items.Add(1)
	}
}

// recall forgets a key and returns for whom it was remembered; nil for a key that
// was not.
func (s *stripe) recall(key []byte) *trackers {
	x := s.interest.tracked[string(key)]
	if x == nil {
		return nil
	}
	delete(s.interest.tracked, string(key))
	tr := &s.eng.tracking
	tr.keys.Add(-1)
	x.each(func(t *Tracker) {
		t.items.Add(-1)
		tr.items.Add(-1)
		if t.gone {
			tr.stale.Add(-1)
		}
	})
	return x
}

// recall is stripe.recall for a key that the transaction changes: rollback
// remembers it again.
func (tx *Tx) recall(s *stripe, k Key) *trackers {
	x := s.recall(k.B)
	if x != nil && tx.keepUndo {
		key := slices.Clone(k.B)
		tx.onUndo(func() { x.each(func(t *Tracker) { s.remember(t, key) }) })
	}
	return x
}

// recallAll forgets every key. At commit all trackers are told that all keys may
// have changed. The transaction holds the whole store.
func (tx *Tx) recallAll() {
	tx.flushed = true
	for _, s := range tx.held {
		if s.interest == nil || len(s.interest.tracked) == 0 {
			continue
		}
		was := s.interest.tracked
		s.interest.tracked = nil
		if tx.keepUndo {
			tx.onUndo(func() {
				for key, x := range was {
					x.each(func(t *Tracker) { s.remember(t, []byte(key)) })
				}
			})
		}
	}
	tr := &tx.eng.tracking
	for t := range tr.known {
		t.items.Store(0)
	}
	tr.keys.Store(0)
	tr.items.Store(0)
	tr.stale.Store(0)
}

// trimBatch is how many keys are forgotten under one lock.
const trimBatch = 16

// Remembered is how many keys are remembered for trackers. O(1).
func (e *Engine) Remembered() int64 { return e.tracking.keys.Load() }

// TrimRemembered forgets keys, in no particular order, until no more than most are
// remembered, and tells of each as if it had changed. The caller holds no
// transaction.
func (e *Engine) TrimRemembered(most int64) {
	for n := e.Remembered() - most; n > 0; n = e.Remembered() - most {
		s := &e.stripes[int(e.tracking.next.Add(1))%len(e.stripes)]
		s.lock()
		s.trimRemembered(min(n, trimBatch))
		s.unlock()
	}
}

func (s *stripe) trimRemembered(n int64) {
	if s.interest == nil {
		return
	}
	for key := range s.interest.tracked {
		if n == 0 {
			break
		}
		n--
		s.recall([]byte(key)).tell(key, nil)
	}
	s.settle()
}

// sweepRemembered forgets what is remembered for trackers that are gone. It is
// called when that is more than half, so it costs O(1) for each key remembered.
func (e *Engine) sweepRemembered() {
	for i := range e.stripes {
		s := &e.stripes[i]
		s.lock()
		if s.interest != nil {
			s.sweepRemembered()
			s.settle()
		}
		s.unlock()
	}
}

func (s *stripe) sweepRemembered() {
	for key, x := range s.interest.tracked {
		gone, left := false, []*Tracker(nil)
		x.each(func(t *Tracker) {
			if gone = gone || t.gone; !t.gone {
				left = append(left, t)
			}
		})
		if !gone {
			continue
		}
		s.recall([]byte(key))
		for _, t := range left {
			s.remember(t, []byte(key))
		}
	}
}
