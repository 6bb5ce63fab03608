package server

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// FuzzServer sends bytes to a whole server: it answers or hangs up, never panics,
// and serves the next client. What would hold the test up is left out.
func FuzzServer(f *testing.F) {
	for _, input := range hostile {
		if len(input) < 1000 {
			f.Add([]byte(input))
		}
	}
	f.Add([]byte("MULTI\r\nSET a 1\r\nINCR a\r\nLPUSH a b\r\nEXEC\r\nHELLO 3\r\nHGETALL a\r\n"))
	f.Add([]byte("BLPOP l 0\r\nRPUSH l a\r\nCLIENT LIST\r\nRESET\r\nINFO everything\r\nCONFIG GET *\r\n"))
	f.Add([]byte("ZADD z 1 a 2 b\r\nZRANGE z 0 -1 WITHSCORES\r\nSORT z BY nosort\r\nSCAN 0\r\nOBJECT ENCODING z\r\nSET k v EX 10\r\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		// A value of gigabytes is legal where it is asked for by number.
		for _, word := range []string{"setrange", "setbit", "pause", "randfield", "randmember"} {
			if bytes.Contains(bytes.ToLower(input), []byte(word)) {
				t.Skip("a value of gigabytes may be asked for, or a long pause: ", word)
			}
		}
		e := engine.New(engine.Options{})
		defer e.Close()
		s := New(e, nil, Options{})
		a, b := net.Pipe()
		s.ServeConn(b)
		go func() {
			_, _ = a.Write(input)
			// It goes on reading behind a blocking command until its client leaves.
			_, _ = a.Write([]byte("\r\nRESET\r\nQUIT\r\n"))
		}()
		other, c := net.Pipe()
		s.ServeConn(c)
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, a)
		}()
		_, err := other.Write([]byte("RESET\r\nPING\r\n"))
		require.NoError(t, err)
		reply := make([]byte, len("+RESET\r\n"))
		_, err = io.ReadFull(other, reply)
		require.NoError(t, err)
		require.Equal(t, "+RESET\r\n", string(reply))
		require.NoError(t, s.Close())
		<-drained
	})
}
