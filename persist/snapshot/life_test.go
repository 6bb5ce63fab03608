package snapshot

import (
	"errors"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// life is a directory through saves, faults, kills and power cuts, and what may be found
// in it.
type life struct {
	r      *rand.Rand
	m      *vfs.Mem
	faults *vfs.Faults
	d      *Directory
	sure   int64   // the last one that is durable, 0 for none
	maybe  []int64 // those since whose Commit has failed: they may be back
	now    int64   // what this process finds
}

func newLife(seed uint64) *life {
	l := &life{r: rand.New(rand.NewPCG(seed, 0))}
	l.begin(vfs.NewMem())
	return l
}

// begin is a new process.
func (l *life) begin(m *vfs.Mem) {
	l.m, l.faults = m, vfs.NewFaults(m)
	l.d = Dir(l.faults, Options{Keep: 1 + l.r.IntN(2)})
}

// save makes a snapshot, often with a call that fails or all from one on.
func (l *life) save(t *testing.T, position int64) {
	switch l.r.IntN(3) {
	case 0:
		l.faults.Inject(vfs.FailAt(1+l.r.IntN(9), syscall.EIO))
	case 1:
		l.faults.Inject(vfs.FailFrom(1+l.r.IntN(9), syscall.EIO))
	}
	err := trySave(l.d, position)
	l.faults.Inject(nil)
	if err == nil {
		l.sure, l.maybe, l.now = position, nil, position
	} else {
		l.maybe = append(l.maybe, position)
	}
	require.Equal(t, l.now, l.find(t), "in the process that has saved it")
}

// find is what is there, 0 for nothing.
func (l *life) find(t *testing.T) int64 {
	r, err := l.d.Open(t.Context())
	if errors.Is(err, persist.ErrNoSnapshot) {
		return 0
	}
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return find(t, l.d)
}

// restart ends the process, or the machine, and looks what is there.
func (l *life) restart(t *testing.T) {
	crash := l.r.IntN(2) == 0
	if crash {
		l.begin(l.m.Crash(l.r))
	} else {
		l.begin(l.m.Kill())
	}
	l.now = l.find(t)
	require.True(t, l.now == l.sure || slices.Contains(l.maybe, l.now), "found %d, saved %d, perhaps %v", l.now, l.sure, l.maybe)
	if crash {
		l.sure, l.maybe = l.now, nil // all that is there is durable
	}
}

// TestLives goes through many, in which positions only grow, as they do but for a
// recovery to a point in time.
func TestLives(t *testing.T) {
	first := rand.Uint64()
	for seed := first; seed < first+60; seed++ {
		t.Log("seed", seed)
		l := newLife(seed)
		for position := int64(1); position <= 30; position++ {
			l.save(t, position)
			if l.r.IntN(3) == 0 {
				l.restart(t)
			}
		}
	}
}
