package durable

import (
	"time"
)

// Status is how a keeper is doing.
type Status struct {
	History  string // the name of its line of positions
	Position int64  // of the last transaction
	LastSave int64  // when the last snapshot was taken that is durable, or the keeper was opened; unix ms
	Changes  int64  // transactions since

	Saving    bool          // a snapshot is under way
	Rewriting bool          // which is to make the log shorter
	Begun     time.Duration // how long it takes so far
	Keys      int64         // how many keys of it, or of the last one, are written
	Total     int64         // of so many

	Save, Rewrite Outcome // of snapshots, and of those that were to make the log shorter

	LogOn   bool
	LogSize int64 // bytes
	LogBase int64 // bytes of the snapshot that it goes on from, 0 if that is not known
	LogErr  error // why it takes no records, nil if it does
	Waiting int   // bytes of records that it has not taken yet
	Written int64 // the position that it has
	Durable int64 // the position that is on disk
}

// Outcome is what became of the last snapshots of a kind.
type Outcome struct {
	Count int64         // that have succeeded
	Err   error         // why the last one failed, nil if it did not
	Took  time.Duration // of the last one, -1 ms if there was none
}

// Status tells how the keeper is doing. O(stripes).
func (k *Keeper) Status() Status { return k.StatusAt(k.eng.Position()) }

// StatusAt is Status at a position, for callers who know it.
func (k *Keeper) StatusAt(position int64) Status {
	s := Status{History: k.History(), Position: position}
	k.journal.describe(&s)
	if s.LogOn {
		s.LogSize = k.log.Size()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status.describe(&s, k.eng.Now())
	return s
}

// describe says how the log is doing.
func (j *journal) describe(s *Status) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if s.LogOn = j.state != off; s.LogOn {
		s.LogErr = j.err
	}
	s.Waiting = len(j.buffer.bytes)
	s.Written, s.Durable = j.written.Load(), j.durable.Load()
}

// status is what the keeper counts, guarded by its mu.
type status struct {
	opened   int64 // the position that the keeper began with
	position int64 // of the last snapshot that is durable
	lastSave int64 // when it was taken, unix ms
	since    int64 // from when on rules count, unix ms: lastSave, unless the clock was set back since
	failed   int64 // when the last one failed, unix ms; 0 if it did not
	told     int64 // what the clock showed last, unix ms
	base     int64 // bytes of the last one

	scheduled [reasons]bool

	underWay bool
	why      reason
	began    int64 // unix ms

	save, rewrite Outcome

	counts counts // of the snapshot under way, or the last one
}

func (s *status) init(snapshot, position, now int64) {
	s.opened, s.position, s.lastSave, s.since, s.told = position, snapshot, now, now, now
	s.save.Took, s.rewrite.Took = -time.Millisecond, -time.Millisecond
}

func (s *status) describe(to *Status, now int64) {
	to.LastSave, to.Changes = s.lastSave, to.Position-s.position
	to.Saving, to.Rewriting = s.underWay, s.underWay && s.why == rewriting
	if s.underWay {
		to.Begun = milliseconds(now - s.began)
	}
	to.Keys, to.Total = s.counts.keys.Load(), s.counts.total.Load()
	to.Save, to.Rewrite, to.LogBase = s.save, s.rewrite, s.base
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// begin notes that a snapshot begins.
func (s *status) begin(why reason, now int64) {
	s.underWay, s.why, s.began = true, why, now
	s.counts.keys.Store(0)
	s.counts.total.Store(0)
	s.counts.bytes.Store(0)
}

// end notes what became of the snapshot at a position.
func (s *status) end(position, now int64, err error) {
	s.underWay = false
	s.tell(now)
	o := &s.save
	if s.why == rewriting {
		o = &s.rewrite
	}
	o.Err, o.Took = err, milliseconds(now-s.began)
	if err != nil {
		s.failed = now
		return
	}
	o.Count++
	s.failed = 0
	s.position, s.lastSave, s.since, s.base = position, now, now, s.counts.bytes.Load()
}

// tell says what the clock shows. If it was set back, so are the times from which on
// something is waited for: or else that would not come until it shows again what it did.
func (s *status) tell(now int64) {
	if back := now - s.told; back < 0 {
		s.since += back
		if s.failed != 0 {
			s.failed += back
		}
	}
	s.told = now
}

// due reports whether a rule asks for a snapshot now, or if not, when one will unless
// something else happens.
func (s *status) due(rules []Rule, position, now int64) (is bool, in time.Duration) {
	s.tell(now)
	if s.failed != 0 && now < s.failed+retryAfter.Milliseconds() {
		return false, milliseconds(s.failed + retryAfter.Milliseconds() - now)
	}
	in = never
	for _, r := range rules {
		if position-s.position >= r.Changes {
			in = min(in, r.After-milliseconds(now-s.since))
		}
	}
	return in <= 0, in
}
