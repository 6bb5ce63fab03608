package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
)

// payloads are values of all types that redis-server 7.0.15 has dumped, without their
// foot, and some that older and newer ones make.
var payloads = []string{
	"\x00\x05hello", "\x00\xc190", "\x00\xc3\t@d\x01aa\xe0W\x00\x01aa",
	"\x12\x01\x02\x10\x10\x00\x00\x00\x03\x00\x81a\x02\x82bb\x03\x03\x01\xff",
	"\x0b\x0e\x02\x00\x00\x00\x03\x00\x00\x00\x01\x00\x02\x00,\x01", "\x02\x02\x01b\x01a",
	"\x11\x14\x14\x00\x00\x00\x04\x00\x81a\x02\x831.5\x04\x81b\x02\x02\x01\xff",
	"\x10\x12\x12\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81g\x02\a\x01\xff",
	"\x01\x02\x01a\x01b", "\x04\x01\x01f\x01v", "\x03\x02\x01a\x031.5\x01b\xfe", "\x05\x01\x01a\x00\x00\x00\x00\x00\x00\xf0?",
	"\x09\x0b\x01\x01f\x02\x00vv\xff\xff\xff\xff\xff", "\x12\x01\x01\x05plain",
	"\x0e\x01\x0f\x0f\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\xf2\x02\xf3\xff", "\x0a\x0f\x0f\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\xf2\x02\xf3\xff",
	"\x18\x10\x27\x00\x00\x00\x00\x00\x00\x02\x01\x01f\x01v\x00\x01g\x01w",
	"\x19\x10\x27\x00\x00\x00\x00\x00\x00\x12\x12\x00\x00\x00\x03\x00\x81f\x02\x81v\x02\xe4\x10'\x03\xff",
	"\x07\x81\x01\x02\x03\x04\x05\x06\x07\x08\x02\x05\x05\x01a\x04AAAAAAAA\x00",
}

// FuzzPayload reads any bytes as a value. What it takes comes out the same when it is laid
// out and read again.
func FuzzPayload(f *testing.F) {
	for _, p := range payloads {
		f.Add([]byte(p))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := ReadPayload(appendFoot(slices.Clip(body), 0, firstVersion))
		if err != nil {
			require.True(t, errors.Is(err, persist.ErrDamaged) || errors.Is(err, ErrUnsupported), "%v", err)
			return
		}
		require.LessOrEqual(t, len(bytes.Join(v.Elements, nil)), 100*len(body)+100)
		b, err := AppendPayload(nil, v)
		require.NoError(t, err)
		again, err := ReadPayload(b)
		require.NoError(t, err)
		require.Equal(t, v.Kind, again.Kind)
		require.Equal(t, len(v.Elements), len(again.Elements))
		for i := range v.Elements {
			require.True(t, bytes.Equal(v.Elements[i], again.Elements[i]))
		}
	})
}

// FuzzReader reads any bytes as a file, whose checksum is made right. What it takes makes
// the same keys when it is written and read again.
func FuzzReader(f *testing.F) {
	all := []byte("REDIS0012\xfa\x09redis-ver\x057.4.0\xfe\x00\xfb\x10\x00")
	for i, p := range payloads {
		b := append([]byte{}, "REDIS0012\xfa\x09redis-ver\x057.4.0\xfe\x03\xfc\x00\x00\x00\x00\x00\x01\x00\x00\xf8\x05\xf9\x07"...)
		f.Add(append(append(append(b, p[0], 1, 'k'), p[1:]...), opEOF))
		all = append(append(all, p[0], 1, byte('a'+i)), p[1:]...)
	}
	f.Add(append(all, opEOF))
	f.Add([]byte("REDIS0003\xfe\x00\xfd\x00\x00\x00\x60\x00\x01k\x01v\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = binary.LittleEndian.AppendUint64(slices.Clip(b), crcOf(0, b))
		chunks, report, err := readAll(b, Options{Skip: true, Parts: 4})
		if err != nil {
			require.Empty(t, report.Version)
			return
		}
		about := persist.Snapshot{Keys: report.Keys, Parts: 4, Timed: 1}
		var out bytes.Buffer
		w, err := NewWriter(&out, about, Options{Compress: true})
		require.NoError(t, err)
		for _, c := range chunks {
			c.Part %= 4
			require.NoError(t, w.Write(c))
		}
		require.NoError(t, w.Close())
		again, _, err := readAll(out.Bytes(), Options{Parts: 4})
		require.NoError(t, err)
		require.Equal(t, made(t, chunks), made(t, again))
	})
}

// readAll reads a file. The report is empty where it cannot be read.
func readAll(b []byte, o Options) (chunks []persist.Chunk, report Report, err error) {
	r, err := NewReader(bytes.NewReader(b), o)
	if err != nil {
		return nil, report, err
	}
	for {
		c, err := r.Next()
		switch {
		case err == io.EOF:
			return chunks, r.Report(), nil
		case err != nil:
			return nil, report, err
		}
		chunks = append(chunks, c)
	}
}

// made are the keys that chunks make, with their elements in order. A key that is there
// twice has both.
func made(t *testing.T, chunks []persist.Chunk) map[string][]byte {
	keys := map[string][]byte{}
	for _, c := range chunks {
		in := effect.NewReader(c.Effects)
		for ef, ok := in.Next(); ok; ef, ok = in.Next() {
			key := string(ef.Key)
			for i, b := range ef.Blobs {
				if ef.Op != effect.StringPut && (ef.Op != effect.Build || ef.Ints[0] != effect.String) && i > 0 {
					keys[key] = append(keys[key], 0)
				}
				keys[key] = append(keys[key], b...)
			}
		}
		require.NoError(t, in.Err())
	}
	return keys
}
