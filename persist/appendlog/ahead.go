package appendlog

import (
	"context"
	"errors"
	"sync"

	"github.com/residedb/reside/internal/invariants"
	"github.com/residedb/reside/persist"
)

// ahead reads and verifies the records of a chain in a goroutine of its own, while those
// before them are applied. It holds a few blocks.
type ahead struct {
	from   files
	chain  []link
	after  int64
	blocks chan *block
	free   chan *block
	quit   chan struct{}
	end    ending
	err    error // with end, once blocks is closed
}

// blocksAhead is how many blocks there are: one is applied, one is filled, and the rest
// evens out what the two take.
const blocksAhead = 4

// errQuit: nobody wants to know more.
var errQuit = errors.New("appendlog: the reading was ended")

// readChain calls apply with all records of a chain that are behind a position, which are
// borrowed, and returns where it ended. An error of apply, or of ctx, ends it.
func readChain(ctx context.Context, from files, chain []link, after int64, apply func(persist.Record) error) (ending, error) {
	a := &ahead{
		from: from, chain: chain, after: after,
		blocks: make(chan *block, blocksAhead), free: make(chan *block, blocksAhead), quit: make(chan struct{}),
	}
	for range blocksAhead {
		a.free <- new(block)
	}
	var reading sync.WaitGroup
	reading.Go(a.run)
	err := a.apply(ctx, apply)
	close(a.quit)
	reading.Wait()
	if err == nil {
		err = a.err
	}
	return a.end, err
}

// apply hands on the records that were read.
func (a *ahead) apply(ctx context.Context, apply func(persist.Record) error) error {
	for b := range a.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range b.records {
			if err := apply(b.records[i]); err != nil {
				return err
			}
		}
		if invariants.Enabled {
			clear(b.bytes)
		}
		a.free <- b
	}
	return ctx.Err()
}

// run reads the chain to its end.
func (a *ahead) run() {
	defer close(a.blocks)
	a.end.last = a.after
	for i := range a.chain {
		a.end, a.err = a.link(i)
		if a.end.at = i; a.err != nil || a.end.damage != nil {
			return
		}
	}
}

// link reads a segment. One whose header is damaged ends at its beginning.
func (a *ahead) link(i int) (e ending, err error) {
	r, err := openReader(a.from, a.chain[i].fileName)
	if errors.As(err, &e.damage) {
		e.last = a.end.last
		e.durable = e.last
		return e, nil
	}
	if err != nil {
		return e, err
	}
	r.skip, r.limit = a.after, a.chain[i].limit
	if err = a.read(r); err == nil {
		e, err = r.conclude(i+1 == len(a.chain))
	}
	return e, errors.Join(err, r.close())
}

// read hands on the records of a segment.
func (a *ahead) read(r *reader) error {
	for more := true; more; {
		var b *block
		select {
		case b = <-a.free:
		case <-a.quit:
			return errQuit
		}
		var err error
		if more, err = r.read(b); err != nil {
			return err
		}
		a.blocks <- b // there is room for all
	}
	return nil
}
