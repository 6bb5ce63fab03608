package engine

// Feed is told of every record, beside the journal and in its order, for those who
// follow the engine. It has no say.
type Feed interface {
	// Record takes the next record, as Journal.Record does and with the same locks held.
	Record(Record)
	// Replaced is told that the content is another one from now on, at a position that
	// no record has led to. The whole store is held.
	Replaced(position int64)
}

// Follow hands every record from now on to a feed, and returns the position of the last
// transaction before it. Only one is fed at a time; nil ends it. The transaction holds
// the whole store and has changed nothing yet.
func (tx *Tx) Follow(f Feed) (position int64) {
	tx.eng.journal.feed = f
	return tx.connect()
}

// connect makes transactions be numbered by the journal and the feed that there are, or
// each stripe count its own if there is neither.
func (tx *Tx) connect() (position int64) {
	j := &tx.eng.journal
	if old := j.attached(); old != nil {
		old.Lock()
		defer old.Unlock()
	}
	for _, s := range tx.held {
		j.seq += s.commits
		s.commits, s.seq = 0, 0
	}
	to := j.both(tx.eng)
	tx.logging = to != nil
	if to == nil {
		j.to.Store(nil)
	} else {
		j.to.Store(&to)
	}
	return j.seq
}

// both is one journal for main and feed, nil if there is neither.
func (j *journal) both(e *Engine) Journal {
	switch {
	case j.feed == nil:
		return j.main
	case j.main == nil:
		return e.Tap(j.feed.Record)
	}
	return &fed{j.main, j.feed}
}

// fed is a journal with a feed beside it.
type fed struct {
	Journal
	feed Feed
}

func (f *fed) Record(r Record) {
	f.Journal.Record(r)
	f.feed.Record(r)
}

// replaced tells the feed that Refill has been there.
func (tx *Tx) replaced() {
	if f := tx.eng.journal.feed; f != nil {
		f.Replaced(tx.eng.journal.seq)
	}
}
