package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAssembledIsWhatWasAdded: a collection that is made of all its elements at once has
// the encoding of one that has got them one by one, at every threshold, and does not take
// more memory, for it had room for them from the beginning.
func TestAssembledIsWhatWasAdded(t *testing.T) {
	lim := DefaultLimits()
	for _, n := range []int{1, 20, 127, 128, 129, 511, 512, 513} {
		for _, long := range []int{4, 63, 64, 65, 300, 5000} {
			for kind := List; kind <= Hash; kind++ {
				t.Run(fmt.Sprintf("%s of %d, %d bytes each", kind, n, long), func(t *testing.T) {
					parts := elementsOf(kind, n, long)
					all, left, err := assemble(kind, parts, int64(len(parts)), 0, &lim)
					require.NoError(t, err)
					require.Zero(t, left/int64(len(parts)))
					each := len(parts) / n
					one, _, err := assemble(kind, parts[:each], int64(len(parts)), 0, &lim)
					require.NoError(t, err)
					for at := each; at < len(parts); at += each {
						_, err := add(one, parts[at:at+each], int64(len(parts)), &lim)
						require.NoError(t, err)
					}
					require.Equal(t, one.Encoding(), all.Encoding())
					require.LessOrEqual(t, all.Bytes(), one.Bytes()+one.Bytes()/8)
				})
			}
		}
	}
}

// elementsOf are elements that are all different.
func elementsOf(kind Kind, n, long int) (parts [][]byte) {
	for i := range n {
		parts = append(parts, fmt.Append(nil, strings.Repeat("x", long-4), fmt.Sprintf("%04d", i)))
		switch kind {
		case ZSet:
			parts = append(parts, make([]byte, 8))
		case Hash:
			parts = append(parts, []byte("value"), nil)
		}
	}
	return parts
}
