package server

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
)

// stutter makes the disk's calls wait for some milliseconds now and then, until end: long
// enough for a loop to be taken from whoever waits.
func (d *badDisk) stutter() (end func()) {
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				return
			case <-time.After(rand.N(time.Millisecond)):
			}
			release := d.hold()
			select {
			case <-d.entered:
				<-time.After(rand.N(10 * time.Millisecond))
			case <-over:
			}
			release()
		}
	}()
	return func() {
		close(over)
		for {
			select {
			case <-d.entered:
			case <-done:
				return
			}
		}
	}
}

// TestCrowdOnADiskThatStutters has many clients write in pipelines of all lengths, of which
// some hang up and some are cut off while they wait: everybody else gets all replies, in
// order, and what was acknowledged is on disk.
func TestCrowdOnADiskThatStutters(t *testing.T) {
	eachPath(t, durable.Always, 0, func(t *testing.T, s *Server, addr string, d *badDisk) {
		end := d.stutter()
		var crowd sync.WaitGroup
		for i := range 24 {
			crowd.Go(func() {
				c, n := dial(t, addr), 0
				for round := range 40 {
					k := rand.IntN(12) + 1
					for range k {
						c.send(fmt.Sprintf("INCR n%d\r\n", i))
					}
					if i%6 == 1 && round == 10 {
						_ = c.Close()
						return
					}
					if i%6 == 2 && round == 10 {
						require.NoError(t, c.CloseWrite())
					}
					if i%6 == 3 && round%10 == 0 {
						victim := dial(t, addr)
						victim.send("SET victim v\r\n")
						dial(t, addr).do("CLIENT KILL ADDR "+victim.LocalAddr().String(), ":1\r\n")
					}
					var want strings.Builder
					for range k {
						n++
						fmt.Fprintf(&want, ":%d\r\n", n)
					}
					c.want(want.String())
					if i%6 == 2 && round == 10 {
						require.Empty(t, c.gone())
						return
					}
				}
			})
		}
		crowd.Wait()
		end()
		want, err := s.eng.Digest(t.Context())
		require.NoError(t, err)
		dial(t, addr).do("PING", "+PONG\r\n")
		got, err := d.reopened(t).Digest(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// TestWhoOwesMayBeCutOff ends clients while their replies wait for the disk.
func TestWhoOwesMayBeCutOff(t *testing.T) {
	eachPath(t, durable.Always, 0, func(t *testing.T, s *Server, addr string, d *badDisk) {
		release := d.hold()
		defer release()
		cut, hangs, stays := dial(t, addr), dial(t, addr), dial(t, addr)
		for _, c := range []*peer{stays, cut, hangs} {
			c.send("SET k v\r\n")
		}
		<-d.entered
		s.served(t, "set", 3)
		require.NoError(t, hangs.Close())
		killer := dial(t, addr)
		killer.send("CLIENT KILL ADDR " + cut.LocalAddr().String() + "\r\n") // looks at all keys, so its reply waits, too
		require.Empty(t, cut.gone())
		stays.quiet("who waits")
		release()
		killer.want(":1\r\n")
		stays.want("+OK\r\n")
		until(t, func() bool { return len(s.clients()) == 2 })
	})
}
