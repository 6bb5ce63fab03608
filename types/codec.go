package types

import (
	"encoding"
	"reflect"
	"strconv"
)

// Codec turns values of type T into bytes and back. Both methods may be called
// from many goroutines; they run outside every lock, on copies, and may use
// the store.
type Codec[T any] interface {
	// Append adds v's bytes to dst.
	Append(dst []byte, v T) ([]byte, error)
	// Decode reads a value. It must not keep b.
	Decode(b []byte) (T, error)
}

// codec is a Codec as handles use it: a small value, because handles are made on
// the fly.
type codec[T any] struct {
	user Codec[T] // what the caller gave, where the format is given
	format
	bits uint8 // of a number
}

// format says how values of a type are stored.
type format uint8

const (
	given  format = iota // as the caller's codec does
	binary               // as encoding.BinaryMarshaler does
	packed               // as msgpack

	// The formats from here on are read under a lock: no code of users runs.

	text // a string or bytes: themselves
	octets
	truth // 1 or 0
	signed
	unsigned
	float
)

// direct reports whether decode may run under a lock.
func (f format) direct() bool { return f >= text }

// bare reports whether append returns the value's own bytes and needs no dst.
func (f format) bare() bool { return f == text || f == octets }

// codecOf picks the codec of a type: strings, bytes, numbers and truth values as
// Redis stores them, encoding.BinaryMarshaler where the type has it, msgpack
// for the rest.
func codecOf[T any]() codec[T] {
	switch any((*T)(nil)).(type) { // the plain types pay for no reflection
	case *string:
		return codec[T]{format: text}
	case *[]byte:
		return codec[T]{format: octets}
	case *int:
		return codec[T]{format: signed, bits: strconv.IntSize}
	case *int64:
		return codec[T]{format: signed, bits: 64}
	case *float64:
		return codec[T]{format: float, bits: 64}
	}
	f, bits := formatOf(reflect.TypeFor[T]())
	return codec[T]{format: f, bits: bits}
}

func formatOf(t reflect.Type) (f format, bits uint8) {
	if t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]()) {
		return binary, 0
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return text, 0
	case k == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return octets, 0
	case k == reflect.Bool:
		return truth, 0
	case reflect.Int <= k && k <= reflect.Int64:
		return signed, uint8(t.Bits())
	case reflect.Uint <= k && k <= reflect.Uint64:
		return unsigned, uint8(t.Bits())
	case k == reflect.Float32 || k == reflect.Float64:
		return float, uint8(t.Bits())
	}
	return packed, 0
}

// userCodec wraps a codec that a caller gave, or the built-in one for nil.
func userCodec[T any](c Codec[T]) codec[T] {
	if c == nil {
		return codecOf[T]()
	}
	return codec[T]{user: c}
}
