package types

import (
	"bytes"
	"encoding"
	"fmt"
	"strconv"
	"unsafe"

	"github.com/vmihailenco/msgpack/v5"
)

// append adds v's bytes to dst, or returns its own where the format is bare.
func (c *codec[T]) append(dst []byte, v T) ([]byte, error) {
	switch c.format {
	case given:
		return c.user.Append(dst, v)
	case binary:
		return appendBinary(dst, v)
	case packed:
		return appendPacked(dst, v)
	case text:
		s := as[string](v)
		return unsafe.Slice(unsafe.StringData(s), len(s)), nil
	case octets:
		return as[[]byte](v), nil
	case truth:
		if as[bool](v) {
			return append(dst, '1'), nil
		}
		return append(dst, '0'), nil
	case signed:
		return strconv.AppendInt(dst, widen(v, c.bits), 10), nil
	case unsigned:
		return strconv.AppendUint(dst, uint64(widen(v, c.bits))&(^uint64(0)>>(64-c.bits)), 10), nil
	}
	return strconv.AppendFloat(dst, real(v, c.bits), 'g', -1, int(c.bits)), nil
}

// decode reads a value and keeps nothing of b.
func (c *codec[T]) decode(b []byte) (T, error) {
	switch c.format {
	case given:
		return c.user.Decode(b)
	case binary:
		return decodeBinary[T](b)
	case packed:
		return decodePacked[T](b)
	case text:
		return as[T](string(b)), nil
	case octets:
		return as[T](append([]byte{}, b...)), nil
	case truth:
		v, err := strconv.ParseBool(string(b))
		return as[T](v), err
	}
	return c.number(b)
}

// number reads the text of a number.
func (c *codec[T]) number(b []byte) (v T, err error) {
	text := unsafe.String(unsafe.SliceData(b), len(b))
	var n int64
	var u uint64
	var f float64
	switch bits := int(c.bits); c.format {
	case signed:
		n, err = strconv.ParseInt(text, 10, bits)
		v = narrow[T](n, c.bits)
	case unsigned:
		u, err = strconv.ParseUint(text, 10, bits)
		v = narrow[T](int64(u), c.bits)
	default:
		if f, err = strconv.ParseFloat(text, bits); bits == 32 {
			v = as[T](float32(f))
		} else {
			v = as[T](f)
		}
	}
	if err != nil {
		var zero T
		return zero, decodeError(b, zero)
	}
	return v, nil
}

// as views a value as one of another type with the same layout.
func as[To, From any](v From) To { return *(*To)(unsafe.Pointer(&v)) }

func widen[T any](v T, bits uint8) int64 {
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

func narrow[T any](n int64, bits uint8) T {
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

func real[T any](v T, bits uint8) float64 {
	if bits == 32 {
		return float64(as[float32](v))
	}
	return as[float64](v)
}

func appendBinary[T any](dst []byte, v T) ([]byte, error) {
	b, err := any(v).(encoding.BinaryMarshaler).MarshalBinary()
	return append(dst, b...), err
}

func decodeBinary[T any](b []byte) (v T, err error) {
	err = any(&v).(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
	return v, err
}

func appendPacked[T any](dst []byte, v T) ([]byte, error) {
	e, b := msgpack.GetEncoder(), bytes.NewBuffer(dst)
	defer msgpack.PutEncoder(e)
	e.Reset(b)
	e.SetSortMapKeys(true) // the same map has the same bytes
	err := e.Encode(v)
	return b.Bytes(), err
}

func decodePacked[T any](b []byte) (v T, err error) {
	err = msgpack.Unmarshal(b, &v)
	return v, err
}

// decodeError says that stored bytes are no value of the handle's type. It does
// not show them: they may be secret.
func decodeError[T any](b []byte, v T) error {
	return fmt.Errorf("types: %d stored bytes are no %T", len(b), v)
}
