package types

// receivedPairs is receivedList for fields with values.
type receivedPairs[F, V any] struct {
	fields receivedList[F]
	values receivedList[V]
}

// take adds fields with values, one after another.
func (r *receivedPairs[F, V]) take(h *Hash[F, V], parts [][]byte) error {
	r.fields.vs, r.values.vs = make([]F, 0, len(parts)/2), make([]V, 0, len(parts)/2)
	for i := 0; i < len(parts); i += 2 {
		if err := r.fields.add(&h.f, parts[i]); err != nil {
			return err
		}
		if err := r.values.add(&h.v, parts[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// finish is the pairs; the lock is free again.
func (r *receivedPairs[F, V]) finish(h *Hash[F, V], err error) ([]Pair[F, V], error) {
	fields, err := r.fields.values(&h.f, err)
	if err != nil {
		return nil, err
	}
	values, err := r.values.values(&h.v, nil)
	if err != nil {
		return nil, err
	}
	pairs := make([]Pair[F, V], len(fields))
	for i := range fields {
		pairs[i] = Pair[F, V]{fields[i], values[i]}
	}
	return pairs, nil
}
