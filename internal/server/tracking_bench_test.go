package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// BenchmarkTrackedGet reads over the wire without a socket, 16 commands at a time.
func BenchmarkTrackedGet(b *testing.B) {
	for name, on := range map[string]string{"off": "", "on": "CLIENT TRACKING ON\r\n", "broadcast": "CLIENT TRACKING ON BCAST\r\n",
		"optin": "CLIENT TRACKING ON OPTIN\r\n"} {
		b.Run(name, func(b *testing.B) {
			benchmarkWire(b, "HELLO 3\r\n"+on+"SET key value\r\n", wireCommand("GET", "key"))
		})
	}
	b.Run("invalidated", func(b *testing.B) {
		benchmarkWire(b, "HELLO 3\r\nCLIENT TRACKING ON\r\n", wireCommand("GET", "key")+wireCommand("SET", "key", "value"))
	})
}

func benchmarkWire(b *testing.B, first, commands string) {
	const batch = 16
	e := engine.New(engine.Options{})
	defer e.Close()
	s := New(e, nil, Options{})
	defer func() { require.NoError(b, s.Close()) }()
	nc := &endless{input: first, next: make(chan struct{}), waits: make(chan struct{})}
	defer close(nc.next)
	s.ServeConn(nc)
	<-nc.waits
	nc.next <- struct{}{}
	<-nc.waits
	nc.input = strings.Repeat(commands, batch)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N/batch + 1 {
		nc.next <- struct{}{}
		<-nc.waits
	}
}
