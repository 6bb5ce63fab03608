package snapshot

import (
	"context"
	"errors"
	"io"

	"github.com/residedb/reside/persist"
)

// Report is what a check found out.
type Report struct {
	About   persist.Snapshot
	Creator string
	Counts  Counts
}

// Verify reads a snapshot to its end and checks all of it, in O(1) memory but for its
// largest chunk. The report has what was read before an error: that of the stream, of
// ctx, persist.ErrVersion or a *persist.DamageError.
func Verify(ctx context.Context, from io.Reader, o Options) (Report, error) {
	r, err := NewReader(from, o)
	if err != nil {
		return Report{}, err
	}
	err = r.drain(ctx)
	return Report{r.About(), r.Creator(), r.Counts()}, err
}

// drain reads all that is left.
func (r *Reader) drain(ctx context.Context) error {
	var b []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := r.NextInto(b)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		b = c.Effects[:0]
	}
}
