//go:build !linux || portable

package server

import "net"

// loops are not to be had: every connection has a goroutine.
type loops struct{}

func (*loops) line(net.Conn) line { return nil }

func (*loops) wait() {}
