package zset

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/slab"
)

// nameOf is the name of a member: one of three is longer than what stands in a leaf, with
// bytes that are alike at first.
func nameOf(i int) string {
	if i%3 == 0 {
		return fmt.Sprintf("a longer member %d", i)
	}
	return fmt.Sprintf("a member %d", i)
}

// shrinking is a set that is about to lose most of its members, and its twin. Every
// score stands for many members, so that the order asks for their bytes.
func shrinking(n int) (*ZSet, twin) {
	z, m := new(ZSet), twin{}
	for i := range n {
		member := nameOf(i * 7919 % n)
		m[member] = float64(i % 50)
		z.Put([]byte(member), m[member], DefaultLimits())
	}
	return z, m
}

// remove takes members out until so many are left.
func remove(z *ZSet, m twin, left int) {
	for member := range m {
		if len(m) == left {
			return
		}
		z.Remove([]byte(member))
		delete(m, member)
	}
}

// TestOrderFollowsMembersThatMove removes so many members that the others move
// together, and looks at the order while they do.
func TestOrderFollowsMembersThatMove(t *testing.T) {
	z, m := shrinking(30_000)
	moved, follow := 0, z.big.names.Moved
	z.big.names.Moved = func(from, to slab.Ref) {
		moved++
		follow(from, to)
	}
	for left := 28_000; left > 1000; left -= 1000 {
		remove(z, m, left)
		if left <= 10_000 {
			check(t, z, m)
		}
	}
	require.Greater(t, moved, 1000)
}

// TestClonesAreIndependent changes a set and its clone, which are made while members
// move, too.
func TestClonesAreIndependent(t *testing.T) {
	z, m := shrinking(20_000)
	r := rand.New(rand.NewPCG(1, 1))
	for left := 20_000; left > 2000; left -= 3000 {
		remove(z, m, left)
		c, cm := z.Clone(), maps.Clone(m)
		for range 2000 {
			member := nameOf(r.IntN(20_000))
			cm[member] = float64(r.IntN(50))
			c.Put([]byte(member), cm[member], DefaultLimits())
		}
		remove(c, cm, 1000)
		check(t, c, cm)
		check(t, z, m)
	}
}

// TestBytesFollowTheMembers: what the set says of its memory follows it up and
// down.
func TestBytesFollowTheMembers(t *testing.T) {
	z, m := shrinking(50_000)
	each := float64(z.Bytes()) / 50_000
	require.InDelta(t, 72, each, 12, "bytes a member")
	remove(z, m, 200)
	require.Less(t, z.Bytes(), int64(300_000), "bytes of 200 members")
	remove(z, m, 0)
	require.Less(t, z.Bytes(), int64(1000))
}
