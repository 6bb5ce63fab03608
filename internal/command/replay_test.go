package command_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
)

// TestReplayOfRandomLines replays the effects of random lines of every row, those
// that the oracle does not have included, into an engine that must be equal
// afterwards. -differ.seed replays it.
func TestReplayOfRandomLines(t *testing.T) {
	seed := *differSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Log("seed", seed)
	s, l := newSubject(t), liner{Rand: rand.New(rand.NewPCG(seed, 1))}
	rows := weighed(func(m *command.Info) bool { return !m.Flags.Has(command.Blocking) })
	c := dial(t, s.addr, 3)
	defer c.Close()
	for range 30 {
		for range 200 {
			line := l.make(pick(&l, rows))
			if brief(line) {
				continue
			}
			_, err := c.Do(line...)
			require.NoError(t, err, quoted(line))
		}
		s.checkReplay(t)
	}
}
