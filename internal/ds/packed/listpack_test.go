package packed

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestListpackSize has sizes read off Redis's listpack format: header, data, and
// the length backwards.
func TestListpackSize(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"0", 2}, {"127", 2}, {"128", 3}, {"-1", 3}, {"4095", 3}, {"-4096", 3}, {"4096", 4}, {"32767", 4}, {"-32768", 4},
		{"32768", 5}, {"8388607", 5}, {"8388608", 6}, {"2147483647", 6}, {"2147483648", 10}, {"9223372036854775807", 10},
		{"-9223372036854775808", 10}, {"-9223372036854775809", 22}, {"99999999999999999999", 22},
		{"", 2}, {"a", 3}, {"01", 4}, {"+1", 4}, {"-0", 4}, {"-", 3}, {"9223372036854775808", 21},
		{strings.Repeat("x", 63), 65}, {strings.Repeat("x", 64), 67}, {strings.Repeat("x", 125), 128}, {strings.Repeat("x", 126), 130},
		{strings.Repeat("x", 4095), 4099}, {strings.Repeat("x", 4096), 4103}, {strings.Repeat("x", 20000), 20008},
	} {
		require.Equal(t, c.want, ListpackSize([]byte(c.text)), "%.30q", c.text)
	}
}
