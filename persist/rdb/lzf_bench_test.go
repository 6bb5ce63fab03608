package rdb

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkPack packs values of 64 bytes in which there is nothing to be packed.
func BenchmarkPack(b *testing.B) {
	random := rand.NewChaCha8([32]byte{})
	values := make([]byte, 64<<10)
	_, _ = random.Read(values)
	var out []byte
	table := new(lzfTable)
	b.SetBytes(64)
	for i := range b.N {
		at := i * 64 % len(values)
		out, _ = pack(out[:0], values[at:at+64], table)
	}
}
