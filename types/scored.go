package types

import (
	"bytes"

	"github.com/residedb/reside/internal/command"
)

// receivedScored is receivedList for members with scores.
type receivedScored[T any] struct {
	list   []Scored[T]
	copies [][]byte
}

func (r *receivedScored[T]) take(c *codec[T], s command.Scores) (err error) {
	r.list = make([]Scored[T], len(s.Entries))
	for i, e := range s.Entries {
		r.list[i].Score = e.Score
		if !c.direct() {
			r.copies = append(r.copies, bytes.Clone(e.Member))
		} else if r.list[i].Member, err = c.decode(e.Member); err != nil {
			return err
		}
	}
	return nil
}

// finish decodes what a user's codec has to; the lock is free again.
func (r *receivedScored[T]) finish(c *codec[T], err error) ([]Scored[T], error) {
	for i, b := range r.copies {
		if err == nil {
			r.list[i].Member, err = c.decode(b)
		}
	}
	if err != nil {
		return nil, err
	}
	return r.list, nil
}
