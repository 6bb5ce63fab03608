package resp

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// highest is the largest number that was seen.
type highest struct{ atomic.Int64 }

func (h *highest) see(n int64) {
	for old := h.Load(); n > old && !h.CompareAndSwap(old, n); old = h.Load() {
	}
}

// resident is what the Go runtime has from the system and has not given back.
func resident() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64())
}

// storm lets eight goroutines write through handles and eight clients over the wire
// values of up to so many bytes, until together they have written some times what
// fits. It returns the most that the keys were accounted for and that the process
// had from the system.
func storm(t *testing.T, limit int64, policy store.Policy, size int) (accounted, process int64) {
	s := store.New(store.Options{MaxMemory: limit, Eviction: policy})
	srv := NewServer(s, Options{})
	defer func() {
		require.NoError(t, srv.Close())
		require.NoError(t, s.Close())
	}()
	const workers = 8
	var memory, heap highest
	look := func(i int) {
		memory.see(store.Engine(s).Memory())
		if i%64 == 0 {
			heap.see(resident())
		}
	}
	var all sync.WaitGroup
	each := int(limit) / 2 / (size + 200) // commands of each writer; keys take some 200 bytes too
	for w := range workers {
		r := rand.New(rand.NewPCG(1, uint64(w)))
		all.Go(func() {
			for i := range each {
				writeTyped(t, s, r, size)
				look(i)
			}
		})
		wire := rand.New(rand.NewPCG(2, uint64(w)))
		client, conn := net.Pipe()
		srv.ServeConn(conn)
		all.Go(func() {
			defer func() { _ = client.Close() }()
			replies := bufio.NewReader(client)
			for i := range each {
				writeWire(t, client, replies, wire, size)
				look(i)
			}
		})
	}
	all.Wait()
	require.Positive(t, s.Stats().Evicted)
	require.Greater(t, s.Stats().Memory, limit*95/100, "it does not evict what it need not")
	return memory.Load(), heap.Load()
}

// writeTyped changes one key: values of all types that grow, and strings that come and go.
func writeTyped(t *testing.T, s *store.Store, r *rand.Rand, size int) {
	ctx, n := context.Background(), r.IntN(1<<20)
	text := strings.Repeat("x", r.IntN(size))
	var err error
	switch n % 6 {
	case 0:
		_, err = types.NewList[string](s, fmt.Sprint("list", n%50)).PushBack(ctx, text)
	case 1:
		_, err = types.NewHash[int, string](s, fmt.Sprint("hash", n%50)).Set(ctx, n, text)
	case 2:
		_, err = types.NewSet[string](s, fmt.Sprint("set", n%50)).Add(ctx, fmt.Sprint(n, text))
	case 3:
		_, err = types.NewZSet[string](s, fmt.Sprint("zset", n%50)).Add(ctx, fmt.Sprint(n, text), float64(n))
	default:
		err = types.NewString[string](s, fmt.Sprint("string", n)).Set(ctx, text)
	}
	if err != nil {
		t.Error(err)
	}
}

// writeWire sends a SET and reads the reply.
func writeWire(t *testing.T, nc net.Conn, replies *bufio.Reader, r *rand.Rand, size int) {
	_, err := fmt.Fprintf(nc, "SET wire%d %s\r\n", r.IntN(1<<20), strings.Repeat("y", 1+r.IntN(size)))
	line, _ := replies.ReadString('\n')
	if err != nil || line != "+OK\r\n" {
		t.Error(line, err)
	}
}

// TestWriteStormStaysWithinMaxMemory holds what store.Options.MaxMemory promises of
// the keys and of the process.
func TestWriteStormStaysWithinMaxMemory(t *testing.T) {
	const limit = 32 << 20
	for _, c := range []struct {
		policy store.Policy
		size   int
		soft   int64 // the garbage collector's limit, 0 for none
		most   int64 // of the process, in tenths of MaxMemory
	}{
		{store.AllKeysLRU, 1600, 0, 30},
		{store.AllKeysLFU, 1600, 0, 30},
		{store.AllKeysRandom, 1600, 0, 30},
		{store.AllKeysLRU, 24, 0, 30},
		{store.AllKeysLRU, 1600, limit * 3 / 2, 20},
	} {
		t.Run(fmt.Sprint(c.policy, c.size, c.soft), func(t *testing.T) {
			if c.soft > 0 {
				defer debug.SetMemoryLimit(debug.SetMemoryLimit(c.soft))
			}
			debug.FreeOSMemory()
			before := resident()
			accounted, process := storm(t, limit, c.policy, c.size)
			process -= before
			t.Logf("of the limit: accounted %.4f, process %.2f", float64(accounted)/limit, float64(process)/limit)
			require.Less(t, accounted, int64(limit*102/100))
			require.Less(t, process, limit*c.most/10)
		})
	}
}
