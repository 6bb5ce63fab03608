package persisttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/residedb/reside/persist"
)

// TestLog checks a persist.Log. Each promise is a subtest of its own, and each goes on
// where the one before it has ended: the function returns, each time that it is called,
// the same log as another process would open it.
func TestLog(t *testing.T, open func() persist.Log) {
	p := &logPlace{ctx: t.Context(), open: open}
	for _, c := range logCases() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(p); err != nil {
				t.Error(err)
			}
		})
	}
}

type logCase struct {
	name  string
	check func(*logPlace) error
}

// logCases run one after another at one place.
func logCases() []logCase {
	return []logCase{
		{"an empty log has nothing", emptyLog},
		{"nothing is appended before Begin", notBegun},
		{"what was appended is there", appended},
		{"records that are known are left out", leftOut},
		{"the log goes on in the next process", goesOn},
		{"sizes and clocks are kept", extremes},
		{"a large batch", largeBatch},
		{"Begin in its midst keeps what was there", begunAgain},
		{"records have no gap", gapless},
		{"records are not appended twice", twice},
		{"an error of apply ends Replay", applyFails},
		{"a context that is done ends Replay", cancelledReplay},
		{"Size can be asked for at any time", sizes},
		{"what was trimmed need not be there, the rest is", trimmed},
		{"random calls", randomCalls},
		{"the log can begin further on", furtherOn},
		{"another history is told apart", histories},
		{"nothing is appended after Close", closed},
	}
}

const (
	oneHistory   = "00112233445566778899aabbccddeeff"
	otherHistory = "ffeeddccbbaa99887766554433221100"
)

// logPlace is where a log is, and what it should have.
type logPlace struct {
	ctx     context.Context
	open    func() persist.Log
	history string
	behind  int64 // the records are those behind this position
	trimmed int64 // up to here they may be missing
	records []persist.Record
	memory  []byte // what was lent last
}

func (p *logPlace) last() int64 { return p.behind + int64(len(p.records)) }

// make is a new record with some effects.
func (p *logPlace) make(size int) persist.Record {
	at := p.last() + 1
	b := fmt.Appendf(nil, "%d of %s: ", at, p.history)
	more := make([]byte, max(size-len(b), 0))
	_, _ = rand.NewChaCha8([32]byte{byte(at), byte(at >> 8)}).Read(more) // never fails
	r := persist.Record{Position: at, Clock: 1_700_000_000_000 + at - at%5*100, Effects: append(b, more...)}
	p.records = append(p.records, r)
	return r
}

// append appends records of some size. The memory is overwritten after the call.
func (p *logPlace) append(l persist.Log, sizes ...int) error {
	n := len(p.records)
	for _, size := range sizes {
		p.make(size)
	}
	return p.lend(l, p.records[n:])
}

// lend appends records that are borrowed for the call alone.
func (p *logPlace) lend(l persist.Log, records []persist.Record) error {
	lent := make([]persist.Record, len(records))
	p.memory = p.memory[:0]
	for _, r := range records {
		p.memory = append(p.memory, r.Effects...)
	}
	rest := p.memory
	for i, r := range records {
		n := len(r.Effects)
		lent[i] = persist.Record{Position: r.Position, Clock: r.Clock, Effects: rest[:n:n]}
		rest = rest[n:]
	}
	err := l.Append(lent)
	for i := range p.memory {
		p.memory[i] = 0xDB
	}
	clear(lent)
	if err != nil {
		return fmt.Errorf("Append: %w", err)
	}
	return nil
}

// use opens the log as a process does that has a snapshot at some position, does
// something, and closes the log.
func (p *logPlace) use(after int64, do func(persist.Log) error) error {
	l := p.open()
	err := p.replay(l, after)
	if err == nil {
		err = p.begin(l, p.history, p.last())
	}
	if err == nil {
		err = do(l)
	}
	return errors.Join(err, l.Close())
}

// begin begins, and notes what is gone by it.
func (p *logPlace) begin(l persist.Log, history string, position int64) error {
	if err := l.Begin(history, position); err != nil {
		return fmt.Errorf("Begin at %d: %w", position, err)
	}
	if history != p.history || position != p.last() {
		p.history, p.behind, p.records, p.trimmed = history, position, nil, position
	}
	return nil
}

// found checks what another process finds, from several positions on.
func (p *logPlace) found() error {
	for _, after := range []int64{p.trimmed, (p.trimmed + p.last()) / 2, p.last(), p.last() + 5} {
		l := p.open()
		if err := errors.Join(p.replay(l, after), l.Close()); err != nil {
			return err
		}
	}
	return nil
}

// replay checks what Replay hands on.
func (p *logPlace) replay(l persist.Log, after int64) error {
	want := p.records[min(max(after-p.behind, 0), int64(len(p.records))):]
	n := 0
	found, err := l.Replay(p.ctx, p.history, after, func(r persist.Record) error {
		if n++; n > len(want) {
			return fmt.Errorf("Replay after %d has record %d, which should not be there", after, r.Position)
		}
		return sameRecord(r, want[n-1])
	})
	if err != nil {
		return fmt.Errorf("Replay after %d: %w", after, err)
	}
	if n < len(want) {
		return fmt.Errorf("Replay after %d has %d records, and should have %d", after, n, len(want))
	}
	right := persist.Recovery{History: p.history, Position: max(after, p.last()), Records: int64(n)}
	if found.History != right.History || found.Position != right.Position || found.Records != right.Records || found.Torn != 0 || len(found.Repaired) > 0 {
		return fmt.Errorf("Replay after %d returned %+v, and should return %+v", after, found, right)
	}
	return nil
}

func sameRecord(got, want persist.Record) error {
	if got.Position == want.Position && got.Clock == want.Clock && bytes.Equal(got.Effects, want.Effects) {
		return nil
	}
	return fmt.Errorf("record %d has clock %d and %s, and should be %d with clock %d and %s", got.Position, got.Clock,
		abridged(got.Effects), want.Position, want.Clock, abridged(want.Effects))
}
