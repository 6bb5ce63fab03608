package types

import "bytes"

// Maybe is a value that may be missing, where a call returns several.
type Maybe[T any] struct {
	V  T
	OK bool
}

// received takes a value out of borrowed bytes: ours are decoded at once, a
// user's codec gets a copy later.
type received[T any] struct {
	v    T
	ok   bool
	copy []byte
}

func (r *received[T]) take(c *codec[T], b []byte) (err error) {
	if b == nil {
		return nil
	}
	r.ok = true
	if c.direct() {
		r.v, err = c.decode(b)
		return err
	}
	r.copy = append(r.copy, b...)
	return nil
}

// takeFirst takes the first of some values, if there is one.
func (r *received[T]) takeFirst(c *codec[T], parts [][]byte) error {
	if len(parts) == 0 {
		return nil
	}
	return r.take(c, parts[0])
}

// finish decodes what a user's codec has to; the lock is free again.
func (r *received[T]) finish(c *codec[T], err error) (T, bool, error) {
	if err != nil || !r.ok {
		var zero T
		return zero, false, err
	}
	if !c.direct() {
		r.v, err = c.decode(r.copy)
	}
	return r.v, err == nil, err
}

// decodeAll decodes copies; the lock is free again.
func (c *codec[T]) decodeAll(parts [][]byte) (vs []T, err error) {
	vs = make([]T, len(parts))
	for i := 0; err == nil && i < len(parts); i++ {
		vs[i], err = c.decode(parts[i])
	}
	return vs, err
}

// receivedList is received for several values.
type receivedList[T any] struct {
	vs     []T
	has    []bool // which are there, nil if all are
	copies [][]byte
}

// take adds values; nil is a missing one.
func (r *receivedList[T]) take(c *codec[T], parts [][]byte) error {
	r.vs = make([]T, 0, len(parts))
	for _, b := range parts {
		if err := r.add(c, b); err != nil {
			return err
		}
	}
	return nil
}

func (r *receivedList[T]) add(c *codec[T], b []byte) (err error) {
	var v T
	switch {
	case b == nil:
		r.miss()
	case r.has != nil:
		r.has = append(r.has, true)
	}
	if !c.direct() {
		r.copies = append(r.copies, bytes.Clone(b))
	} else if b != nil {
		v, err = c.decode(b)
	}
	r.vs = append(r.vs, v)
	return err
}

func (r *receivedList[T]) miss() {
	if r.has == nil {
		r.has = make([]bool, len(r.vs), cap(r.vs))
		for i := range r.has {
			r.has[i] = true
		}
	}
	r.has = append(r.has, false)
}

func (r *receivedList[T]) there(i int) bool { return r.has == nil || r.has[i] }

// values are all values, a zero value for a missing one; the lock is free again.
func (r *receivedList[T]) values(c *codec[T], err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	for i, b := range r.copies {
		if !r.there(i) {
			continue
		}
		if r.vs[i], err = c.decode(b); err != nil {
			return nil, err
		}
	}
	return r.vs, nil
}

// maybes are all values and whether they are there; the lock is free again.
func (r *receivedList[T]) maybes(c *codec[T], err error) ([]Maybe[T], error) {
	vs, err := r.values(c, err)
	if err != nil {
		return nil, err
	}
	list := make([]Maybe[T], len(vs))
	for i, v := range vs {
		list[i] = Maybe[T]{v, r.there(i)}
	}
	return list, nil
}
