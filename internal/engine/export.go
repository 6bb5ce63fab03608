package engine

import (
	"context"

	"github.com/residedb/reside/internal/effect"
)

// Export visits a part and calls emit with chunks of effects that make its keys, and
// with how many keys begin in each: see effect.Chunks, and Recovery.Load, by which they
// come into another engine. A string of more than one page (64 KiB) is built of pages.
// Chunks are borrowed for the call, which is made while no lock is held. An error of emit
// ends the visit.
func (c *Cut) Export(ctx context.Context, part int, emit func(keys int, effects []byte) error) error {
	x := exporter{effect.Chunks{Emit: emit}}
	if err := c.VisitPart(ctx, part, &x); err != nil {
		return err
	}
	return x.Flush()
}

// exporter is a visitor that writes effects.
type exporter struct{ effect.Chunks }

func (x *exporter) Key(i Item) error {
	x.Chunks.Key(effect.Made{DB: i.DB, Key: i.Key, Kind: int64(i.Kind), Deadline: i.Deadline, Form: i.Form, Len: i.Len})
	return nil
}
