//go:build linux && !portable

package server

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

)

func TestProbesOfAConnection(t *testing.T) {
	s, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	idle, err := syscall.GetsockoptInt(s.clients()[0].line.(*socket).fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)
	require.NoError(t, err)
	require.Equal(t, 300, idle)
}
