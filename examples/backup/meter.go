package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Meter shows how many bytes have passed, twice a second at most.
type Meter struct {
	out   io.Writer
	bytes atomic.Int64
	last  time.Time
	shown bool
}

// add counts bytes.
func (m *Meter) add(n int) {
	m.bytes.Add(int64(n))
	if now := time.Now(); now.Sub(m.last) > time.Second/2 {
		m.last, m.shown = now, true
		fmt.Fprintf(m.out, "\r%8.1f MB", float64(m.bytes.Load())/1e6)
	}
}

// end ends the line.
func (m *Meter) end() {
	if m.shown {
		fmt.Fprintln(m.out)
	}
}

// meteredReader counts what is read.
type meteredReader struct {
	io.Reader
	m *Meter
}

func (r meteredReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.m.add(n)
	return n, err
}

// meteredWriter counts what is written.
type meteredWriter struct {
	io.Writer
	m *Meter
}

func (w meteredWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	w.m.add(n)
	return n, err
}
