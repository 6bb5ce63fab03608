package effect

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// some are effects of all shapes.
var some = []Effect{
	{Op: Delete, Key: []byte("k")},
	{Op: Deadline, DB: 3, Key: []byte("k"), Ints: []int64{math.MaxInt64}},
	{Op: StringPut, DB: 3, Key: []byte("k"), Ints: []int64{0, -1}, Blobs: [][]byte{{}}},
	{Op: HashPut, DB: 15, Key: []byte{}, Blobs: [][]byte{[]byte("field"), []byte("value"), {0, 255}}},
	{Op: ListTrim, DB: 15, Key: []byte{}, Ints: []int64{math.MinInt64, 7}},
	{Op: FlushDB, DB: 1},
}

// layout lays effects out as one transaction.
func layout(effects []Effect) (b []byte) {
	for i, e := range effects {
		same := i > 0 && effects[i-1].DB == e.DB && string(effects[i-1].Key) == string(e.Key)
		b = Append(b, same, e.Op, e.DB, e.Key, e.Ints, e.Blobs)
	}
	return b
}

// read decodes a whole transaction into memory of its own.
func read(b []byte) (effects []Effect, err error) {
	r := NewReader(b)
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		c := Effect{Op: e.Op, DB: e.DB, Key: slices.Clone(e.Key), Ints: append([]int64(nil), e.Ints...)}
		for _, x := range e.Blobs {
			c.Blobs = append(c.Blobs, slices.Clone(x))
		}
		effects = append(effects, c)
	}
	return effects, r.Err()
}

func TestRoundTrip(t *testing.T) {
	got, err := read(layout(some))
	require.NoError(t, err)
	require.Len(t, got, len(some))
	for i := range some {
		require.Equal(t, some[i].String(), got[i].String())
	}
	require.Equal(t, layout(some), layout(got))
}

func TestSameKeyIsShort(t *testing.T) {
	long := Effect{Op: Delete, Key: make([]byte, 1000)}
	require.Less(t, len(layout([]Effect{long, long, long})), 1020)
}

func TestMalformed(t *testing.T) {
	whole := layout(some[1:3])
	ends := map[int]bool{0: true, len(layout(some[1:2])): true, len(whole): true}
	for n := range whole {
		_, err := read(whole[:n])
		require.Equal(t, !ends[n], err != nil, "cut after %d of %d bytes", n, len(whole))
	}
	for name, b := range map[string][]byte{
		"on the key of none":    Append(nil, true, Delete, 0, nil, nil, nil),
		"unknown flag":          {byte(Delete), 2, 0, 0, 0, 0},
		"a billion blobs":       {byte(Delete), 0, 0, 0, 0, 0x80, 0x94, 0xeb, 0xdc, 0x03},
		"a blob beyond the end": {byte(Delete), 0, 0, 200, 1, 'k'},
		"absurd database":       Append(nil, false, Delete, math.MaxInt64, nil, nil, nil),
		"number without end":    {byte(Delete), 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		effects, err := read(b)
		require.ErrorIs(t, err, ErrMalformed, name)
		require.Empty(t, effects, name)
	}
}

func TestString(t *testing.T) {
	require.Equal(t, `HashPut db15 "" "field" "value" "\x00\xff"`, some[3].String())
	require.Equal(t, `Op(200) db0 "k"`, (&Effect{Op: 200, Key: []byte("k")}).String())
}

// FuzzReader reads any bytes. What it takes comes out the same when it is laid out
// and read again.
func FuzzReader(f *testing.F) {
	f.Add(layout(some))
	f.Add(layout(some[:1]))
	f.Fuzz(func(t *testing.T, b []byte) {
		effects, err := read(b)
		if err != nil {
			require.ErrorIs(t, err, ErrMalformed)
		}
		again, err := read(layout(effects))
		require.NoError(t, err)
		require.Len(t, again, len(effects))
		for i := range effects {
			require.Equal(t, effects[i].String(), again[i].String())
		}
	})
}
