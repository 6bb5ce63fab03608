package engine

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestOneTransactionTouchesFewCacheLines holds the stripe and its Tx to what is said of
// their layout.
func TestOneTransactionTouchesFewCacheLines(t *testing.T) {
	const line = 64
	var s stripe
	require.LessOrEqual(t, unsafe.Offsetof(s.stats)+unsafe.Offsetof(s.stats.expired), uintptr(line), "what a read writes")
	require.Zero(t, unsafe.Offsetof(s.tx)%line)
	require.LessOrEqual(t, unsafe.Offsetof(s.tx.now), uintptr(line), "what a write writes")
	require.Zero(t, unsafe.Sizeof(s)%line, "stripes share no line")
}
