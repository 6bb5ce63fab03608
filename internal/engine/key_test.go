package engine

import (
	"strconv"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"
)

// TestNobodyChoosesKeysThatCollide takes keys of which xxhash has the same second
// half: anybody can find them. The table has to tell them apart.
func TestNobodyChoosesKeysThatCollide(t *testing.T) {
	seen := map[uint32]string{}
	pairs, same := 0, 0
	for i := 0; pairs < 8; i++ {
		k := strconv.Itoa(i)
		h := uint32(xxhash.Sum64String(k))
		if other, ok := seen[h]; ok {
			pairs++
			if (HashOf([]byte(k))^HashOf([]byte(other)))&tagBits == 0 {
				same++
			}
		}
		seen[h] = k
	}
	require.Less(t, same, 2)
}

func TestStripesAreTheSameInEveryProcess(t *testing.T) {
	require.Equal(t, xxhash.Sum64String("a key")>>32, HashOf([]byte("a key"))>>32)
}
