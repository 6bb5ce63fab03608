package snapshot

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// noise is what cannot be compressed.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// tries counts how often a packer tries to compress the bytes in n calls.
func tries(p *packer, raw []byte, n int) (tried, succeeded int) {
	for range n {
		if p.pause.Load() <= 0 {
			tried++
		}
		b, c, buf := p.pack(raw)
		if c == packed {
			succeeded++
		} else if !bytes.Equal(raw, b) {
			panic("not packed, and another payload")
		}
		p.release(buf)
	}
	return tried, succeeded
}

func TestWhatDoesNotPayIsSeldomTried(t *testing.T) {
	var p packer
	tried, succeeded := tries(&p, noise(4<<10), 6500)
	require.Zero(t, succeeded)
	require.InDelta(t, 6500/65, tried, 10)

	text := bytes.Repeat([]byte("text "), 1000)
	_, succeeded = tries(&p, text, maxPause+100)
	require.GreaterOrEqual(t, succeeded, 100, "it notices when it pays again")
	tried, _ = tries(&p, noise(4<<10), 2)
	require.Equal(t, 1, tried, "the pauses begin small again")
}

func TestAQuarterIsWhatPays(t *testing.T) {
	for _, same := range []int{20, 40} { // percent
		raw := noise(64 << 10)
		clear(raw[:len(raw)*same/100])
		var p packer
		b, c, buf := p.pack(raw)
		if same < 25 {
			require.Equal(t, plain, c)
			continue
		}
		require.Equal(t, packed, c)
		out, ok := unpack(b, len(raw), nil)
		require.True(t, ok)
		require.Equal(t, raw, out)
		p.release(buf)
	}
}

func TestSmallAndHugeChunksAreNotPacked(t *testing.T) {
	for n, want := range map[int]coding{0: plain, minPacked - 1: plain, minPacked: packed, maxPacked: packed, maxPacked + 1: plain} {
		var p packer
		_, c, _ := p.pack(make([]byte, n))
		require.Equal(t, want, c, n)
	}
	p := packer{off: true}
	_, c, _ := p.pack(make([]byte, 64<<10))
	require.Equal(t, plain, c)
}

func TestUnpackChecksTheLength(t *testing.T) {
	var p packer
	b, _, _ := p.pack(make([]byte, 4<<10))
	for n, want := range map[int]bool{4<<10 - 1: false, 4 << 10: true, 4<<10 + 1: false} {
		_, ok := unpack(b, n, nil)
		require.Equal(t, want, ok, n)
	}
	_, ok := unpack(b[:len(b)-1], 4<<10, nil)
	require.False(t, ok)
}

// TestUnpackMakesNoRoomForWhatABlockClaims: a block of a few bytes that says it has 1 GiB.
func TestUnpackMakesNoRoomForWhatABlockClaims(t *testing.T) {
	b := binary.AppendUvarint(nil, 1<<30)
	b = append(b, noise(100)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, ok := unpack(b, 4<<10, nil)
	runtime.ReadMemStats(&after)
	require.False(t, ok)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}
