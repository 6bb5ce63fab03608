package engine

// Sibling makes an empty engine with the same options and configuration, for a content
// that Refill is to take over. Its keys do not expire by themselves.
func (e *Engine) Sibling() *Engine {
	n := New(Options{Stripes: len(e.stripes), Databases: len(e.counts), Clock: e.clock, Seed: e.seed, Replica: e.replica.Load()})
	n.Configure(func(c *Config) {
		*c = *e.Config()
		c.uses = nil // which are not to be shared
	})
	n.timer.off.Store(true)
	return n
}

// Refill puts the content and the position of another engine, a Sibling that nobody else
// uses, in the place of all there is, and closes the other one. To others it is one
// transaction on the whole store, but one without number or record. Watches of keys that
// were there or are, are dirty; whoever waits for one that is, is served; trackers are
// told that all keys may have changed. Cuts that are open go on with what was there.
// ErrBusy if the other engine has an open cut, ErrSibling if it is another one. O(stripes * databases).
func (e *Engine) Refill(from *Engine) error { return e.RefillAt(from, nil) }

// RefillAt is Refill at a position that at says, unless it is nil, while the whole store
// is held. An error of at changes nothing, and leaves the other engine as it was.
func (e *Engine) RefillAt(from *Engine, at func(*Tx) (position int64, err error)) error {
	if len(e.stripes) != len(from.stripes) || len(e.counts) != len(from.counts) {
		return ErrSibling
	}
	select {
	case from.cutting <- struct{}{}:
	default:
		return ErrBusy
	}
	tx, other := e.beginAll(false), from.beginAll(false)
	position := other.Position()
	if at != nil {
		var err error
		if position, err = at(tx); err != nil {
			other.unlock()
			tx.unlock()
			<-from.cutting
			return err
		}
	}
	tx.recallAll()
	tx.touchAll()
	for i := range e.stripes {
		e.stripes[i].take(&from.stripes[i])
	}
	for db := range e.counts {
		e.counts[db].Store(from.counts[db].Swap(0))
	}
	e.memory.Store(from.memory.Swap(0))
	e.takeUses(from)
	e.cuts = max(e.cuts, from.cuts) // boxes know which have read them
	tx.setPosition(position)
	tx.replaced()
	other.unlock()
	tx.touchAll()
	e.timer.arm(tx.nextDue())
	tx.publish()
	tx.unlock()
	from.Close()
	return nil
}

// touchAll touches every key that somebody watches or waits for and that is there.
func (tx *Tx) touchAll() {
	for _, s := range tx.held {
		for db := range tx.eng.counts {
			tx.touchSpace(s, db)
		}
	}
}

// take puts what another stripe holds in the place of what there is, whose spaces stay
// with the cuts that read them.
func (s *stripe) take(from *stripe) {
	s.spaces, from.spaces = from.spaces, nil
	for _, sp := range s.spaces {
		s.loose = s.loose || sp != nil && sp.keys.sparse()
	}
}

// takeUses takes over what a TinyLFU policy knows of the other engine's keys: their marks
// are times of its stripes.
func (e *Engine) takeUses(from *Engine) {
	own, uses := e.config.Load().uses, from.config.Load().uses
	if own != nil && uses != nil {
		copy(own, uses)
	}
}
