package durable

import (
	"runtime"

	"github.com/residedb/reside/persist"
)

// take takes the turn, which nobody has. mu is held.
func (j *journal) take() { j.turn = make(chan struct{}) }

// takeTurn waits for the turn and takes it.
func (j *journal) takeTurn() {
	j.mu.Lock()
	for j.turn != nil {
		turn := j.turn
		j.mu.Unlock()
		<-turn
		j.mu.Lock()
	}
	j.take()
	j.mu.Unlock()
}

// giveTurn gives it back. mu is held.
func (j *journal) giveTurn() {
	close(j.turn)
	j.turn = nil
	j.move()
}

// flushIf waits for the turn and flushes if cond, which is asked under mu, holds then.
func (j *journal) flushIf(cond func() bool, sync bool) {
	j.takeTurn()
	j.mu.Lock()
	if j.state != running || !cond() {
		j.giveTurn()
		j.mu.Unlock()
		return
	}
	j.mu.Unlock()
	j.flush(sync)
}

// flush writes what waits, syncs it if sync is set, and gives the turn back.
func (j *journal) flush(sync bool) {
	if sync {
		runtime.Gosched() // whoever is about to write goes along
	}
	j.mu.Lock()
	b, begins, log, history := j.swap(), j.begins, j.log, j.history
	j.begins = nil
	j.mu.Unlock()
	err := appendTo(log, history, b.all(), begins)
	if err == nil && sync {
		err = log.Sync()
	}
	j.mu.Lock()
	j.flushed(&b, sync, err)
	j.mu.Unlock()
	if j.onFlush != nil {
		j.onFlush(err)
	}
}

// swap takes the buffer and leaves an empty one. mu is held.
func (j *journal) swap() batch {
	b := j.buffer
	j.buffer, j.spare = j.spare, batch{}
	j.move()
	return b
}

// flushed notes what became of a batch, and gives the turn back. mu is held.
func (j *journal) flushed(b *batch, sync bool, err error) {
	if n := len(b.records); n > 0 && err == nil {
		j.written.Store(b.records[n-1].seq)
	}
	if sync && err == nil {
		j.setDurable(j.written.Load())
	}
	b.clear()
	j.spare = *b
	if err != nil {
		j.fail(err)
	}
	j.giveTurn()
}

// setDurable moves the position that is durable on. mu is held.
func (j *journal) setDurable(position int64) {
	j.durable.Store(position)
	if j.late <= position {
		j.late = 0
	}
}

// fail makes the journal one that refuses writes. mu is held.
func (j *journal) fail(err error) {
	j.state, j.err, j.late, j.patient = broken, err, 0, false
	j.buffer.clear()
	j.begins = nil
	j.blocked.Store(true)
}

// appendTo hands records to the log, which begins segments behind some of them.
func appendTo(log persist.Log, history string, records []persist.Record, begins []int64) error {
	for _, position := range begins {
		n := 0
		for n < len(records) && records[n].Position <= position {
			n++
		}
		if err := appendSome(log, records[:n]); err != nil {
			return err
		}
		if err := log.Begin(history, position); err != nil {
			return err
		}
		records = records[n:]
	}
	return appendSome(log, records)
}

func appendSome(log persist.Log, records []persist.Record) error {
	if len(records) == 0 {
		return nil
	}
	return log.Append(records)
}

// syncInTime syncs what came since the last time. If that takes too long, writers wait
// for it.
func (j *journal) syncInTime() {
	j.mu.Lock()
	j.unsynced = false
	last := j.seq
	if j.durable.Load() >= last || j.state != running {
		j.mu.Unlock()
		return
	}
	watch := j.clock.AfterFunc(syncAfter, func() { j.setLate(last) })
	j.mu.Unlock()
	j.flushIf(func() bool { return j.durable.Load() < last }, true)
	watch.Stop()
}

// setLate makes writers wait until a position is durable.
func (j *journal) setLate(position int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.state == running && j.durable.Load() < position {
		j.late = max(j.late, position)
		j.blocked.Store(true)
	}
}

// start makes the log take what comes behind a position, which is durable by a snapshot
// or was read from the log. Its first segment has begun.
func (j *journal) start(log persist.Log, history string, position int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.log, j.history, j.state, j.err = log, history, running, nil
	j.seq = position
	j.written.Store(position)
	j.durable.Store(position)
}

// atCut is told of the position of a snapshot that begins, while the whole store is
// held. A segment of the log begins there; a journal that is broken keeps what comes
// from here on.
func (j *journal) atCut(position int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch j.state {
	case running:
		j.begins = append(j.begins, position)
	case broken:
		j.state = mending
	}
}

// mend ends the refusal of writes, if there is one: a snapshot at a position is durable,
// and the log goes on behind it. What came since may not be durable yet.
func (j *journal) mend(position int64) (mended bool, err error) {
	j.takeTurn()
	j.mu.Lock()
	if j.state != mending && j.state != opening {
		j.giveTurn()
		j.mu.Unlock()
		return false, nil
	}
	b := j.swap()
	j.mu.Unlock()
	err = j.log.Begin(j.history, position)
	if err == nil {
		err = appendSome(j.log, b.all())
	}
	if err == nil {
		err = j.log.Sync()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil {
		j.state, j.err, j.patient = running, nil, false
		j.written.Store(position)
	}
	if j.state == opening { // it has failed, and giveUp follows
		j.giveTurn()
		return false, err
	}
	j.flushed(&b, true, err)
	return err == nil, err
}

// giveUp makes a journal that was being mended a broken one again. One that was being
// opened is without a log again, and wants to be detached.
func (j *journal) giveUp(err error) (detach bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch j.state {
	case mending:
		j.fail(err)
		j.move()
	case opening:
		j.state, j.err = off, err
		j.buffer.clear()
		j.move()
		return true
	}
	return false
}

// open makes the journal keep what comes behind a position, for a log that will go on
// from there once there is a snapshot.
func (j *journal) open(log persist.Log, history string, position int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.log, j.history, j.state, j.err = log, history, opening, nil
	j.seq = position
}

// rebase notes that the store has another content, at a position behind that of all
// records so far, or anywhere in another history. Until a snapshot of it is durable
// nothing is written to the log. It reports false if records wait that the log has still
// to take. The whole store is held.
func (j *journal) rebase(history string, position int64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.state == running && (j.waits() || j.turn != nil) {
		return false
	}
	if j.state == running { // or else it will be by a snapshot
		j.state, j.patient = broken, true
	}
	if j.history != history { // nothing of it is anywhere
		j.history = history
		j.written.Store(0)
		j.durable.Store(0)
	}
	j.seq = position
	return true
}

// waits reports whether records wait for the log. mu is held.
func (j *journal) waits() bool { return len(j.buffer.records) > 0 }

// failed reports whether the log has failed and is not mended.
func (j *journal) failed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state == broken || j.state == mending
}

// withLog calls f while nobody else uses the log. There is one.
func (j *journal) withLog(f func(log persist.Log) error) error {
	j.takeTurn()
	err := f(j.log)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.giveTurn()
	return err
}

// end makes timers that ring later do nothing.
func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
}

// stop writes and syncs what waits, and makes the journal one without a log, which it
// returns. That is so also if the log has failed: err is why then, of which those are told
// who wait.
func (j *journal) stop() (log persist.Log, err error) {
	j.flushIf(func() bool { return true }, true)
	j.takeTurn()
	j.mu.Lock()
	defer j.mu.Unlock()
	log, err = j.log, j.err
	j.buffer.clear()
	j.begins, j.state, j.late, j.patient = nil, off, 0, false
	j.blocked.Store(false)
	j.giveTurn()
	return log, err
}
