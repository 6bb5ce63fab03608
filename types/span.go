package types

import (
	"bytes"

	"github.com/residedb/reside/internal/command"
)

// takeSpan decodes elements of a list, or copies them, run by run.
func (r *receivedList[T]) takeSpan(c *codec[T], s command.Span) (err error) {
	r.vs = make([]T, 0, s.Len())
	s.Runs(func(run command.Run) {
		switch {
		case c.format == text:
			r.vs = appendTexts(r.vs, run)
		case c.format == octets || !c.direct():
			r.copyRun(c, run)
		case err == nil:
			r.vs, err = c.appendRun(r.vs, run)
		}
	})
	return err
}

// appendTexts adds the strings of a run, which share memory.
func appendTexts[T any](vs []T, run command.Run) []T {
	all := string(run.Data)
	for i := range run.Len() {
		n := run.Length(i)
		vs = append(vs, as[T](all[:n]))
		all = all[n:]
	}
	return vs
}

// copyRun adds copies of a run's elements, which share memory: as they are, or to be
// decoded later.
func (r *receivedList[T]) copyRun(c *codec[T], run command.Run) {
	all := bytes.Clone(run.Data)
	for i := range run.Len() {
		n := run.Length(i)
		var v T
		if c.format == octets {
			v = as[T](all[:n:n])
		} else {
			r.copies = append(r.copies, all[:n:n])
		}
		r.vs = append(r.vs, v)
		all = all[n:]
	}
}

// appendRun adds the values of a run.
func (c *codec[T]) appendRun(vs []T, run command.Run) ([]T, error) {
	rest := run.Data
	for i := range run.Len() {
		n := run.Length(i)
		v, err := c.decode(rest[:n])
		if err != nil {
			return vs, err
		}
		vs, rest = append(vs, v), rest[n:]
	}
	return vs, nil
}
