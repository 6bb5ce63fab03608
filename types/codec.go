package types

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/vmihailenco/msgpack/v5"
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

// codec is a Codec as handles use it: the built-in ones are chosen once by the
// type's kind.
type codec[T any] struct {
	append func(dst []byte, v T) ([]byte, error)
	decode func(b []byte) (T, error)
	direct bool // decode may run under a lock: it is ours
	bare   bool // append returns v's own bytes and needs no dst
}

// codecOf picks the codec of a type: strings, bytes, numbers and truth values as
// Redis stores them, encoding.BinaryMarshaler where the type has it, msgpack
// for the rest.
func codecOf[T any]() codec[T] {
	switch any((*T)(nil)).(type) { // handles are made on the fly: the plain types pay for no reflection
	case *string:
		return stringCodec[T]()
	case *[]byte:
		return bytesCodec[T]()
	case *int:
		return intCodec[T](strconv.IntSize)
	case *int64:
		return intCodec[T](64)
	case *float64:
		return floatCodec[T](64)
	}
	return reflectedCodec[T]()
}

func reflectedCodec[T any]() codec[T] {
	t := reflect.TypeFor[T]()
	if t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]()) {
		return binaryCodec[T]()
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return stringCodec[T]()
	case k == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return bytesCodec[T]()
	case k == reflect.Bool:
		return boolCodec[T]()
	case reflect.Int <= k && k <= reflect.Int64:
		return intCodec[T](t.Bits())
	case reflect.Uint <= k && k <= reflect.Uint64:
		return uintCodec[T](t.Bits())
	case k == reflect.Float32 || k == reflect.Float64:
		return floatCodec[T](t.Bits())
	}
	return msgpackCodec[T]()
}

// userCodec wraps a codec that a caller gave, or the built-in one for nil.
func userCodec[T any](c Codec[T]) codec[T] {
	if c == nil {
		return codecOf[T]()
	}
	return codec[T]{append: c.Append, decode: c.Decode}
}

// as views a value as one of another type with the same layout.
func as[To, From any](v From) To { return *(*To)(unsafe.Pointer(&v)) }

func stringCodec[T any]() codec[T] {
	return codec[T]{
		append: func(_ []byte, v T) ([]byte, error) {
			s := as[string](v)
			return unsafe.Slice(unsafe.StringData(s), len(s)), nil
		},
		decode: func(b []byte) (T, error) { return as[T](string(b)), nil },
		direct: true, bare: true,
	}
}

func bytesCodec[T any]() codec[T] {
	return codec[T]{
		append: func(_ []byte, v T) ([]byte, error) { return as[[]byte](v), nil },
		decode: func(b []byte) (T, error) { return as[T](append([]byte{}, b...)), nil },
		direct: true, bare: true,
	}
}

func boolCodec[T any]() codec[T] {
	return codec[T]{
		append: func(dst []byte, v T) ([]byte, error) {
			if as[bool](v) {
				return append(dst, '1'), nil
			}
			return append(dst, '0'), nil
		},
		decode: func(b []byte) (T, error) {
			v, err := strconv.ParseBool(string(b))
			return as[T](v), err
		},
		direct: true,
	}
}

func intCodec[T any](bits int) codec[T] {
	return codec[T]{
		append: func(dst []byte, v T) ([]byte, error) {
			return strconv.AppendInt(dst, widen[T](v, bits), 10), nil
		},
		decode: func(b []byte) (v T, err error) {
			n, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(b), len(b)), 10, bits)
			if err != nil {
				return v, decodeError(b, v)
			}
			return narrow[T](n, bits), nil
		},
		direct: true,
	}
}

func widen[T any](v T, bits int) int64 {
	switch bits {
	case 8:
		return int64(as[int8](v))
	case 16:
		return int64(as[int16](v))
	case 32:
		return int64(as[int32](v))
	}
	return as[int64](v)
}

func narrow[T any](n int64, bits int) T {
	switch bits {
	case 8:
		return as[T](int8(n))
	case 16:
		return as[T](int16(n))
	case 32:
		return as[T](int32(n))
	}
	return as[T](n)
}

func uintCodec[T any](bits int) codec[T] {
	mask := ^uint64(0) >> (64 - bits)
	return codec[T]{
		append: func(dst []byte, v T) ([]byte, error) {
			return strconv.AppendUint(dst, uint64(widen[T](v, bits))&mask, 10), nil
		},
		decode: func(b []byte) (v T, err error) {
			n, err := strconv.ParseUint(unsafe.String(unsafe.SliceData(b), len(b)), 10, bits)
			if err != nil {
				return v, decodeError(b, v)
			}
			return narrow[T](int64(n), bits), nil
		},
		direct: true,
	}
}

func floatCodec[T any](bits int) codec[T] {
	return codec[T]{
		append: func(dst []byte, v T) ([]byte, error) {
			if bits == 32 {
				return strconv.AppendFloat(dst, float64(as[float32](v)), 'g', -1, 32), nil
			}
			return strconv.AppendFloat(dst, as[float64](v), 'g', -1, 64), nil
		},
		decode: func(b []byte) (v T, err error) {
			f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), bits)
			if err != nil {
				return v, decodeError(b, v)
			}
			if bits == 32 {
				return as[T](float32(f)), nil
			}
			return as[T](f), nil
		},
		direct: true,
	}
}

func binaryCodec[T any]() codec[T] {
	return codec[T]{
		append: func(dst []byte, v T) ([]byte, error) {
			b, err := any(v).(encoding.BinaryMarshaler).MarshalBinary()
			return append(dst, b...), err
		},
		decode: func(b []byte) (v T, err error) {
			err = any(&v).(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
			return v, err
		},
	}
}

func msgpackCodec[T any]() codec[T] {
	return codec[T]{
		append: func(dst []byte, v T) ([]byte, error) {
			e, b := msgpack.GetEncoder(), bytes.NewBuffer(dst)
			defer msgpack.PutEncoder(e)
			e.Reset(b)
			e.SetSortMapKeys(true) // the same map has the same bytes
			err := e.Encode(v)
			return b.Bytes(), err
		},
		decode: func(b []byte) (v T, err error) {
			err = msgpack.Unmarshal(b, &v)
			return v, err
		},
	}
}

// decodeError says that stored bytes are no value of the handle's type. It does
// not show them: they may be secret.
func decodeError[T any](b []byte, v T) error {
	return fmt.Errorf("types: %d stored bytes are no %T", len(b), v)
}
