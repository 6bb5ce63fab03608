package persisttest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/residedb/reside/persist"
)

// refuses is an error if a call did not return one.
func refuses(call string, err error) error {
	if err == nil {
		return fmt.Errorf("%s was accepted", call)
	}
	return nil
}

func emptyLog(p *logPlace) error {
	for _, history := range []string{"", oneHistory} {
		l := p.open()
		found, err := l.Replay(p.ctx, history, 7, func(r persist.Record) error {
			return fmt.Errorf("an empty log has record %d", r.Position)
		})
		if err = errors.Join(err, l.Close()); err != nil {
			return err
		}
		if found.History != "" || found.Position != 7 || found.Records != 0 {
			return fmt.Errorf("Replay of an empty log returned %+v, and should return the position alone", found)
		}
	}
	return nil
}

func notBegun(p *logPlace) error {
	l := p.open()
	return errors.Join(
		refuses("Append before Begin", l.Append([]persist.Record{{Position: 1}})),
		refuses("Sync before Begin", l.Sync()),
		l.Close())
}

func appended(p *logPlace) error {
	l := p.open()
	err := errors.Join(p.begin(l, oneHistory, 0), p.append(l, 100), p.append(l, 10, 1000, 10), l.Sync(), l.Sync(), p.append(l), p.append(l, 50), l.Close())
	if err != nil {
		return err
	}
	return p.found()
}

func leftOut(p *logPlace) error {
	for after := int64(0); after <= p.last()+3; after++ {
		l := p.open()
		if err := errors.Join(p.replay(l, after), l.Close()); err != nil {
			return err
		}
	}
	return nil
}

func goesOn(p *logPlace) error {
	for i := range 5 {
		err := p.use(int64(i), func(l persist.Log) error { return errors.Join(p.append(l, 20, 20), p.append(l, 20)) })
		if err != nil {
			return err
		}
	}
	l := p.open()
	found, err := l.Replay(p.ctx, "", 0, func(persist.Record) error { return nil })
	if err == nil && found.History != oneHistory {
		err = fmt.Errorf("Replay says that the history is %q, and it is %q", found.History, oneHistory)
	}
	return errors.Join(err, l.Close(), p.found())
}

func extremes(p *logPlace) error {
	err := p.use(0, func(l persist.Log) error {
		n := len(p.records)
		for _, clock := range []int64{0, -1, math.MaxInt64, math.MinInt64, 1} {
			p.make(0)
			p.records[len(p.records)-1].Clock = clock
		}
		p.records[n+1].Effects = nil
		p.records[n+3].Effects = make([]byte, 100)
		return errors.Join(p.lend(l, p.records[n:]), p.append(l, 1<<20), p.append(l, 3<<20, 1, 700<<10), p.append(l, 1))
	})
	return errors.Join(err, p.found())
}

func largeBatch(p *logPlace) error {
	err := p.use(0, func(l persist.Log) error {
		sizes := make([]int, 5000)
		for i := range sizes {
			sizes[i] = i % 200
		}
		return errors.Join(p.append(l, sizes...), p.append(l, 1))
	})
	return errors.Join(err, p.found())
}

func begunAgain(p *logPlace) error {
	err := p.use(p.last(), func(l persist.Log) error {
		for range 4 {
			if err := errors.Join(p.begin(l, p.history, p.last()), p.begin(l, p.history, p.last()), p.append(l, 30, 30)); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, p.found())
}

// gapless: where a record does not follow, nothing is taken any more until Begin.
func gapless(p *logPlace) error {
	err := p.use(0, func(l persist.Log) error {
		next := p.last() + 1
		for _, batch := range [][]persist.Record{{{Position: next + 1}}, {{Position: 0}}, {{Position: -next}}} {
			err := errors.Join(
				refuses("a record with a gap before it", l.Append(batch)),
				refuses("Append after an error", l.Append([]persist.Record{{Position: next}})),
				refuses("Sync after an error", l.Sync()),
				p.begin(l, p.history, next-1))
			if err != nil {
				return err
			}
		}
		return p.append(l, 10, 10)
	})
	return errors.Join(err, p.found())
}

func twice(p *logPlace) error {
	err := p.use(0, func(l persist.Log) error {
		if err := p.append(l, 10, 10); err != nil {
			return err
		}
		return errors.Join(
			refuses("a record that is there already", l.Append(p.records[len(p.records)-1:])),
			p.begin(l, p.history, p.last()),
			p.append(l, 10))
	})
	return errors.Join(err, p.found())
}

func applyFails(p *logPlace) error {
	errNo, n := errors.New("no"), 0
	l := p.open()
	_, err := l.Replay(p.ctx, p.history, p.trimmed, func(persist.Record) error {
		if n++; n == 3 {
			return errNo
		}
		return nil
	})
	if !errors.Is(err, errNo) || n != 3 {
		return fmt.Errorf("Replay called apply %d times and returned %w, after an error in the third call", n, errors.Join(err, l.Close()))
	}
	return errors.Join(l.Close(), p.found())
}

func cancelledReplay(p *logPlace) error {
	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	l := p.open()
	_, err := l.Replay(ctx, p.history, p.trimmed, func(persist.Record) error { return nil })
	if !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("Replay returned %w with a context that is done", err), l.Close())
	}
	return errors.Join(l.Close(), p.found())
}

func sizes(p *logPlace) error {
	return p.use(0, func(l persist.Log) error {
		before := l.Size()
		end := make(chan struct{})
		var asking sync.WaitGroup
		asking.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
					_ = l.Size()
				}
			}
		})
		var err error
		for range 100 {
			err = errors.Join(err, p.append(l, 1000))
		}
		close(end)
		asking.Wait()
		if grown := l.Size() - before; grown < 100_000/2 {
			return errors.Join(err, fmt.Errorf("Size has grown by %d when 100000 bytes were appended", grown))
		}
		return errors.Join(err, l.Sync())
	})
}

func trimmed(p *logPlace) error {
	err := p.use(0, func(l persist.Log) error {
		middle := p.last()
		err := errors.Join(p.begin(l, p.history, middle), p.append(l, 10, 10, 10), l.Trim(middle-5))
		p.trimmed = max(p.trimmed, middle-5)
		err = errors.Join(err, p.append(l, 10), l.Trim(middle), l.Trim(middle), l.Trim(1), p.append(l, 10))
		p.trimmed = max(p.trimmed, middle)
		return err
	})
	return errors.Join(err, p.found())
}

// randomCalls are what stores do, in any order.
func randomCalls(p *logPlace) error {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 0))
		for range 3 {
			err := p.use(p.trimmed, func(l persist.Log) error { return p.someCalls(l, rng) })
			if err = errors.Join(err, p.found()); err != nil {
				return fmt.Errorf("seed %d: %w", seed, err)
			}
		}
	}
	return nil
}

func (p *logPlace) someCalls(l persist.Log, rng *rand.Rand) (err error) {
	for range 50 {
		switch n := rng.IntN(20); {
		case n < 12:
			list := make([]int, rng.IntN(10))
			for i := range list {
				list[i] = rng.IntN(300)
			}
			err = p.append(l, list...)
		case n < 15:
			err = l.Sync()
		case n < 18:
			err = p.begin(l, p.history, p.last())
		default:
			p.trimmed += rng.Int64N(p.last() - p.trimmed + 1)
			err = l.Trim(p.trimmed)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// furtherOn: when there is a snapshot behind what the log has, it begins there.
func furtherOn(p *logPlace) error {
	before := p.last()
	err := p.use(p.trimmed, func(l persist.Log) error {
		return errors.Join(p.append(l, 10), p.begin(l, p.history, before+100), p.append(l, 10, 10))
	})
	if err = errors.Join(err, p.found()); err != nil {
		return err
	}
	l := p.open()
	_, err = l.Replay(p.ctx, p.history, before, func(r persist.Record) error {
		if r.Position > before+1 {
			return fmt.Errorf("record %d was handed on behind a gap", r.Position)
		}
		return nil
	})
	switch {
	case err == nil:
		err = errors.New("Replay took no notice of a gap")
	case errors.Is(err, persist.ErrGap), errors.Is(err, persist.ErrDamaged):
		err = nil
	}
	return errors.Join(err, l.Close())
}

// histories: the log can go on with another one, at any position, and is of that then.
func histories(p *logPlace) error {
	at := p.last() / 2
	err := p.use(p.last(), func(l persist.Log) error {
		return errors.Join(p.begin(l, otherHistory, at), p.append(l, 10, 10))
	})
	if err = errors.Join(err, p.found()); err != nil {
		return err
	}
	l := p.open()
	_, err = l.Replay(p.ctx, oneHistory, at, func(persist.Record) error { return nil })
	if !errors.Is(err, persist.ErrHistory) {
		return errors.Join(fmt.Errorf("Replay of another history returned %w, and should return persist.ErrHistory", err), l.Close())
	}
	return l.Close()
}

func closed(p *logPlace) error {
	l := p.open()
	err := errors.Join(p.replay(l, p.last()), p.begin(l, p.history, p.last()), p.append(l, 10), l.Close())
	return errors.Join(err,
		refuses("Append after Close", l.Append([]persist.Record{{Position: p.last() + 1}})),
		refuses("Sync after Close", l.Sync()),
		p.found())
}
