package pipe

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What waits is seen in virtual time: a bubble whose goroutines all wait moves its
// clock on, and one that waits where it is not seen hangs.

func TestReadWaitsForWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := New(Options{})
		go func() {
			time.Sleep(time.Hour)
			_, _ = client.Write([]byte("late"))
		}()
		began := time.Now()
		b := make([]byte, 10)
		n, err := server.Read(b)
		require.NoError(t, err)
		require.Equal(t, "late", string(b[:n]))
		require.Equal(t, time.Hour, time.Since(began))
	})
}

func TestClientWriteNeverWaits(t *testing.T) {
	client, server := New(Options{Window: 1})
	sent := bytes.Repeat([]byte("0123456789"), 1<<20)
	n, err := client.Write(sent)
	require.NoError(t, err)
	require.Equal(t, len(sent), n)
	require.NoError(t, client.CloseWrite())
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.True(t, bytes.Equal(sent, got))
	require.LessOrEqual(t, cap(client.out.buf), keep, "memory of a long pipeline is given back")
}

func TestServerWriteWaitsForWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := New(Options{Window: 4})
		n, err := server.TryWrite([]byte("123"))
		require.NoError(t, err)
		require.Equal(t, 3, n)
		n, err = server.TryWrite([]byte("456"))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, err = server.TryWrite([]byte("56"))
		require.NoError(t, err)
		require.Zero(t, n)

		done := false
		go func() {
			_, err := server.Write([]byte("56789"))
			done = err == nil
		}()
		synctest.Wait()
		require.False(t, done)
		b := make([]byte, 9)
		_, err = io.ReadFull(client, b[:4])
		require.NoError(t, err)
		synctest.Wait()
		require.False(t, done)
		n, err = server.TryWrite([]byte("x"))
		require.NoError(t, err)
		require.Zero(t, n, "it would stand in the middle of what another writes")
		_, err = io.ReadFull(client, b[4:])
		require.NoError(t, err)
		synctest.Wait()
		require.True(t, done)
		require.Equal(t, "123456789", string(b))
	})
}

// TestWritesAreNotMixed has one write there in the moment in which there is room for
// another, which has begun before.
func TestWritesAreNotMixed(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			client, server := New(Options{Window: 4})
			go func() { _, _ = server.Write([]byte("aaaaaaaa")) }()
			synctest.Wait()
			b := make([]byte, 10)
			go func() {
				time.Sleep(time.Second)
				_, _ = io.ReadFull(client, b[2:])
			}()
			_, _ = io.ReadFull(client, b[:2])
			_, err := server.Write([]byte("bb"))
			require.NoError(t, err)
			synctest.Wait()
			require.Equal(t, "aaaaaaaabb", string(b))
		})
	}
}

// TestReplacedDeadlineRings has a timer ring in the moment in which it is replaced.
func TestReplacedDeadlineRings(t *testing.T) {
	_, server := New(Options{})
	require.NoError(t, server.SetReadDeadline(time.Now().Add(time.Hour)))
	rings := server.in.reader.set
	require.NoError(t, server.SetReadDeadline(time.Now().Add(time.Hour)))
	server.in.ring(&server.in.reader, rings)
	require.NoError(t, server.in.reader.err())
	require.NoError(t, server.Close())
}

func TestDeadlines(t *testing.T) {
	read := func(c *Conn) error { _, err := c.Read(make([]byte, 1)); return err }
	write := func(c *Conn) error { _, err := c.Write(make([]byte, 2)); return err }
	for name, way := range map[string]struct {
		do  func(*Conn) error
		set func(*Conn, time.Time) error
	}{
		"read":          {read, (*Conn).SetReadDeadline},
		"write":         {write, (*Conn).SetWriteDeadline},
		"both, reading": {read, (*Conn).SetDeadline},
		"both, writing": {write, (*Conn).SetDeadline},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := New(Options{Window: 1})
				late := func(after time.Duration) {
					t.Helper()
					began := time.Now()
					err := way.do(c)
					require.ErrorIs(t, err, os.ErrDeadlineExceeded)
					var ne net.Error
					require.True(t, errors.As(err, &ne) && ne.Timeout())
					require.Equal(t, after, time.Since(began))
				}
				require.NoError(t, way.set(c, time.Now().Add(time.Minute)))
				late(time.Minute)
				late(0)
				require.NoError(t, way.set(c, time.Now().Add(time.Minute)))
				late(time.Minute)
				require.NoError(t, way.set(c, time.Unix(1, 0)))
				late(0)
				require.NoError(t, way.set(c, time.Time{}))
				go func() { // who waits already is told of a change
					time.Sleep(time.Second)
					_ = way.set(c, time.Now().Add(time.Hour))
					_ = way.set(c, time.Now().Add(time.Second))
				}()
				late(2 * time.Second)
				require.NoError(t, way.set(c, time.Now().Add(time.Second)))
				require.NoError(t, way.set(c, time.Time{}))
				go func() {
					time.Sleep(time.Minute)
					_ = c.Close()
				}()
				require.ErrorIs(t, way.do(c), net.ErrClosed)
				require.ErrorIs(t, way.set(c, time.Time{}), net.ErrClosed)
			})
		})
	}
}

func TestCloseLeavesTheRest(t *testing.T) {
	client, server := New(Options{})
	_, err := server.Write([]byte("+OK\r\n"))
	require.NoError(t, err)
	require.NoError(t, server.Close())
	got, err := io.ReadAll(client)
	require.NoError(t, err)
	require.Equal(t, "+OK\r\n", string(got))
	_, err = client.Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe)

	for _, err := range []error{
		func() error { _, err := server.Read(make([]byte, 1)); return err }(),
		func() error { _, err := server.Write(nil); return err }(),
		func() error { _, err := server.TryWrite([]byte("x")); return err }(),
		server.Close(),
	} {
		require.ErrorIs(t, err, net.ErrClosed)
	}
}

func TestHalfClose(t *testing.T) {
	client, server := New(Options{})
	_, err := client.Write([]byte("last"))
	require.NoError(t, err)
	require.NoError(t, client.CloseWrite())
	_, err = client.Write([]byte("x"))
	require.ErrorIs(t, err, net.ErrClosed)
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.Equal(t, "last", string(got))
	_, err = server.Write([]byte("answer"))
	require.NoError(t, err)
	require.NoError(t, client.SetDeadline(time.Now().Add(time.Hour)))
	b := make([]byte, 6)
	_, err = io.ReadFull(client, b)
	require.NoError(t, err)
	require.Equal(t, "answer", string(b))
	require.NoError(t, client.Close())
	require.NoError(t, server.Close())
}

// TestCloseFreesWriter closes the reader's end while a writer waits for it.
func TestCloseFreesWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := New(Options{Window: 1})
		go func() {
			time.Sleep(time.Second)
			_ = client.Close()
		}()
		n, err := server.Write([]byte("xyz"))
		require.Equal(t, 1, n)
		require.ErrorIs(t, err, io.ErrClosedPipe)
	})
}

func TestErrorsSayWhere(t *testing.T) {
	client, server := New(Options{Client: &net.UnixAddr{Name: "client"}, Server: &net.UnixAddr{Name: "server"}})
	require.Equal(t, "server", client.RemoteAddr().String())
	require.Equal(t, "client", server.RemoteAddr().String())
	require.NoError(t, client.SetReadDeadline(time.Unix(1, 0)))
	_, err := client.Read(make([]byte, 1))
	require.EqualError(t, err, "read pipe client->server: i/o timeout")
	require.Equal(t, client.LocalAddr(), server.RemoteAddr())
	require.Equal(t, server.LocalAddr(), client.RemoteAddr())
}

// TestBytesArrive sends random bytes in random pieces both ways at a time.
func TestBytesArrive(t *testing.T) {
	for _, window := range []int{0, 1, 100, 5000} {
		client, server := New(Options{Window: window})
		var wg sync.WaitGroup
		for i, way := range [][2]*Conn{{client, server}, {server, client}} {
			rng := rand.New(rand.NewPCG(uint64(window), uint64(i)))
			sent := make([]byte, 1<<18)
			for i := range sent {
				sent[i] = byte(rng.Uint32())
			}
			wg.Go(func() {
				for rest := sent; len(rest) > 0; {
					n := min(len(rest), 1+rng.IntN(3000))
					_, _ = way[0].Write(rest[:n])
					rest = rest[n:]
				}
				_ = way[0].CloseWrite()
			})
			wg.Go(func() {
				got, err := io.ReadAll(way[1])
				if err != nil || !bytes.Equal(sent, got) {
					t.Errorf("window %d: %d of %d bytes, %v", window, len(got), len(sent), err)
				}
			})
		}
		wg.Wait()
	}
}
