package server

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// TestPushesAreBounded: without an output limit the commands of a client that reads
// nothing wait, but pushes come by themselves.
func TestPushesAreBounded(t *testing.T) {
	s, addr := start(t, Options{})
	w, reads := dial(t, addr), dial3(t, addr, "BCAST PREFIX k")
	w.send(wireCommand("SET", "big", strings.Repeat(big, 400)))
	w.want("+OK\r\n")
	w.do(`CONFIG SET client-output-buffer-limit "pubsub 1mb 0 0"`, "+OK\r\n")
	slow, patient := dial3(t, addr, "BCAST"), dial3(t, addr, "BCAST")
	slow.do("CLIENT SETNAME slow", "+OK\r\n")
	patient.do("CLIENT SETNAME patient", "+OK\r\n")
	patient.send("GET big\r\n")
	until(t, func() bool { return s.clients()[3].box.waiting.Load() > 1<<20 })
	w.do("SET k 1", "+OK\r\n")
	require.Equal(t, pushOf("k"), reads.read())
	writes := 0
	long := strings.Repeat("x", 4000)
	for ; strings.Contains(w.ask("CLIENT LIST"), "name=slow"); writes++ {
		w.do("SET k"+long+" 1", "+OK\r\n")
		require.Equal(t, pushOf("k"+long), reads.read())
		if writes == 100 {
			// A big reply that waits is not what its pushes are.
			require.Equal(t, 400*len(big)+2, len(patient.read()))
		}
		require.Less(t, writes, 10_000)
	}
	require.Greater(t, writes, 200)
	require.Less(t, len(slow.gone()), 8<<20)
}

// TestPushesLeaveBetweenReplies has many pushes come while the client gets replies
// that are long.
func TestPushesLeaveBetweenReplies(t *testing.T) {
	_, addr := start(t, Options{})
	c, w := dial3(t, addr, "BCAST"), dial(t, addr)
	w.do("SET big "+big, "+OK\r\n")
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.send(strings.Repeat("SET k v\r\n", 20_000))
		for range 20_000 {
			_, err := script.ReadValue(w.r)
			assert.NoError(t, err)
		}
	}()
	pushes, replies := 0, 0
	require.Equal(t, pushOf("big"), c.read())
	for i := 0; pushes < 20_000; i++ {
		c.send("GET big\r\nMULTI\r\nGET big\r\nPING\r\nEXEC\r\n")
		for at := 0; at < 5; {
			v := c.read()
			if v == pushOf("k") {
				pushes++
				continue
			}
			want := []string{strconv.Quote(big), "+OK", "+QUEUED", "+QUEUED", "[" + strconv.Quote(big) + " +PONG]"}[at]
			require.True(t, v == want, "%.100s instead of %.100s", v, want)
			at++
			replies++
		}
	}
	<-done
	require.NotZero(t, replies)
}
