package feed

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// effectsOf are different for every position.
func effectsOf(position int64, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(position), byte(position >> 8), byte(position >> 16)}).Read(b)
	return b
}

// TestTheBacklogHasWhatItSays: random records, read from random positions, are what was
// added, and views stay what they were.
func TestTheBacklogHasWhatItSays(t *testing.T) {
	const keep, most = 200 << 10, 600 << 10
	seed := rand.Uint64()
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var l backlog
	l.begin(41)
	require.EqualValues(t, 42, l.first())
	sizes := map[int64]int{}
	read := int64(42)
	var old []view
	for l.next < 20_000 {
		position := l.next
		size := r.IntN(300)
		if r.IntN(500) == 0 {
			size = r.IntN(300 << 10)
		}
		sizes[position] = size
		l.add(engine.Record{Seq: position, Clock: 2 * position, Effects: effectsOf(position, size)})
		l.trim(read, keep, most)
		require.LessOrEqual(t, l.cost, most+l.blocks[0].cost()+l.blocks[len(l.blocks)-1].cost())
		read = max(read, l.first())
		if r.IntN(50) > 0 {
			continue
		}
		v := l.at(read, l.next-1-int64(r.IntN(2)))
		if len(v.records) == 0 {
			continue
		}
		read = v.last() + 1
		old = append(old, v)
		requireView(t, old[r.IntN(len(old))], sizes)
	}
	require.Greater(t, len(old), 100)
	require.Greater(t, l.first(), int64(42))
	for _, v := range old {
		requireView(t, v, sizes)
	}
}

func requireView(t *testing.T, v view, sizes map[int64]int) {
	for i, r := range v.appendTo(nil) {
		require.Equal(t, v.first+int64(i), r.Position)
		require.Equal(t, 2*r.Position, r.Clock)
		require.True(t, bytes.Equal(effectsOf(r.Position, sizes[r.Position]), r.Effects), "record %d", r.Position)
	}
}

// TestTheBacklogIsKept: so many bytes of what was read, more of what was not, and always
// the last record.
func TestTheBacklogIsKept(t *testing.T) {
	var l backlog
	l.begin(0)
	for range 100 {
		l.add(engine.Record{Effects: make([]byte, blockBytes)})
		l.trim(l.next, 10*blockBytes, 20*blockBytes)
		require.LessOrEqual(t, l.cost, int64(12*(blockBytes+blockRecords*placedBytes)))
	}
	require.GreaterOrEqual(t, l.cost, int64(10*blockBytes))
	at := l.first()
	for range 5 {
		l.add(engine.Record{Effects: make([]byte, blockBytes)})
		l.trim(at, 10*blockBytes, 20*blockBytes)
	}
	require.Equal(t, at, l.first())
	for range 30 {
		l.add(engine.Record{Effects: make([]byte, blockBytes)})
		l.trim(at, 10*blockBytes, 20*blockBytes)
	}
	require.Greater(t, l.first(), at)
	at = l.next - 1
	l.add(engine.Record{Effects: make([]byte, 100*blockBytes)})
	l.trim(at, 10*blockBytes, 20*blockBytes)
	require.LessOrEqual(t, l.first(), at, "nobody is too slow because of a long record")
	l.add(engine.Record{Effects: []byte{1}})
	l.trim(l.next-2, 10*blockBytes, 20*blockBytes)
	require.Equal(t, l.next-2, l.first())
	for range 22 {
		l.add(engine.Record{Effects: make([]byte, blockBytes)})
	}
	l.trim(0, 10*blockBytes, 20*blockBytes)
	require.Greater(t, l.first(), at+1, "but of what has come behind it")
}
