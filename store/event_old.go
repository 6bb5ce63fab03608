package store

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"github.com/residedb/reside/internal/engine"
)

// OldValue is what a key held when it expired or was evicted. The value stays in
// memory as long as somebody has it, and costs nothing until one of the methods
// copies it; they return nothing where the value is of another type.
type OldValue struct{ ent *engine.Entry }

// Type is the type of the value, NoType if there is none.
func (v OldValue) Type() Type {
	if v.ent == nil {
		return NoType
	}
	return Type(v.ent.Kind().String())
}

// parts copies what the elements are made of, if the value is of the type.
func (v OldValue) parts(t Type) (list [][]byte) {
	if v.Type() != t {
		return nil
	}
	v.ent.Each(func(parts ...[]byte) {
		for _, p := range parts {
			list = append(list, bytes.Clone(append([]byte{}, p...)))
		}
	})
	return list
}

// String is the value of a string. O(n).
func (v OldValue) String() []byte {
	if v.Type() != StringType {
		return nil
	}
	return append([]byte{}, v.ent.Bytes()...)
}

// List is the elements of a list, the head first. O(n).
func (v OldValue) List() [][]byte { return v.parts(ListType) }

// Set is the members of a set, in no order. O(n).
func (v OldValue) Set() [][]byte { return v.parts(SetType) }

// OldScored is a member of a sorted set that is gone.
type OldScored struct {
	Member []byte
	Score  float64
}

// ZSet is the members of a sorted set, the lowest score first. O(n).
func (v OldValue) ZSet() (list []OldScored) {
	parts := v.parts(ZSetType)
	for i := 0; i < len(parts); i += 2 {
		list = append(list, OldScored{parts[i], math.Float64frombits(binary.BigEndian.Uint64(parts[i+1]))})
	}
	return list
}

// OldField is a field of a hash that is gone.
type OldField struct {
	Field, Value []byte
	Expires      time.Time // when the field itself would have expired, zero for never
}

// Hash is the fields of a hash, in no order. O(n).
func (v OldValue) Hash() (list []OldField) {
	parts := v.parts(HashType)
	for i := 0; i < len(parts); i += 3 {
		f := OldField{Field: parts[i], Value: parts[i+1]}
		if at := binary.BigEndian.Uint64(parts[i+2]); at != 0 {
			f.Expires = time.UnixMilli(int64(at))
		}
		list = append(list, f)
	}
	return list
}
