package command

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhoReadsTogether: commands that only read a collection, and no others.
func TestWhoReadsTogether(t *testing.T) {
	require.True(t, HGet.together)
	require.True(t, SIsMember.together)
	require.True(t, ZScore.together)
	require.True(t, LRange.together)
	require.False(t, Get.together, "a string is read alone")
	require.False(t, HSet.together, "it writes")
}
