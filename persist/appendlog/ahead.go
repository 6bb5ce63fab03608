package appendlog

import (
	"context"

	"github.com/residedb/reside/persist"
)

// ahead reads and verifies records in a goroutine of its own, while those before them are
// applied.
type ahead struct {
	batches chan batch
	spare   chan batch
	stop    context.CancelFunc
	held    batch // what next has returned
}

// batch is some records in memory of its own.
type batch struct {
	bytes   []byte
	records []persist.Record
	err     error // what came behind them
}

// batchBytes is how many bytes of records are handed on at once.
const batchBytes = 256 << 10

func readAhead(ctx context.Context, in *scanner) *ahead {
	ctx, stop := context.WithCancel(ctx)
	a := &ahead{batches: make(chan batch, 2), spare: make(chan batch, 4), stop: stop}
	go a.run(ctx, in)
	return a
}

// run hands on batches until there is an error, io.EOF at the end.
func (a *ahead) run(ctx context.Context, in *scanner) {
	defer close(a.batches)
	for {
		var b batch
		select {
		case b = <-a.spare:
		default:
		}
		b.fill(in)
		select {
		case a.batches <- b:
		case <-ctx.Done():
			return
		}
		if b.err != nil {
			return
		}
	}
}

// fill reads some records. Their bytes are those of the batch: the scanner has its own.
func (b *batch) fill(in *scanner) {
	b.bytes, b.records, b.err = b.bytes[:0], b.records[:0], nil
	for len(b.bytes) < batchBytes {
		r, err := in.next()
		if err != nil {
			b.err = err
			return
		}
		from := len(b.bytes)
		if from > 0 && cap(b.bytes)-from < len(r.Effects) {
			b.bytes = make([]byte, 0, max(batchBytes*2, len(r.Effects))) // those before keep the old one
			from = 0
		}
		b.bytes = append(b.bytes, r.Effects...)
		r.Effects = b.bytes[from:len(b.bytes):len(b.bytes)]
		b.records = append(b.records, r)
	}
}

// next returns the next records, borrowed until it is called again, and what came behind
// them.
func (a *ahead) next() ([]persist.Record, error) {
	if a.held.records != nil {
		select {
		case a.spare <- a.held:
		default:
		}
	}
	b, ok := <-a.batches
	if !ok {
		return nil, context.Canceled
	}
	a.held = b
	return b.records, b.err
}

// close ends the reading and waits for it.
func (a *ahead) close() {
	a.stop()
	for range a.batches {
	}
}
