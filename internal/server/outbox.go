package server

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// outbox is a client's connection whose Write never waits. What the client does
// not take at once is kept, and sent by a goroutine that lives until all of it
// is gone. So a client that sends a long pipeline before it reads the first
// reply does not lock up, and one that never reads holds up nobody.
type outbox struct {
	net.Conn
	try func(p []byte) (int, error) // sends what the system takes at once
	run func()                      // send, kept so that starting it allocates nothing

	waiting atomic.Int64 // bytes not taken yet

	mu      sync.Mutex
	pending []byte // behind what is being sent
	spare   []byte // memory for pending
	sending bool
	err     error
	low     int64         // whoever waits for room is content with so few bytes waiting
	room    chan struct{} // closed then, or when the connection fails
	sender  sync.WaitGroup
	soft    int64       // while more bytes wait,
	late    *time.Timer // this runs
}

// sendPiece is how much is sent before the others hear of it.
const sendPiece = 64 << 10

func (b *outbox) init(nc net.Conn) {
	b.Conn, b.try, b.run = nc, trySend(nc), b.send
}

// Write takes all of p, or fails if an earlier Write did.
func (b *outbox) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	if b.err == nil && !b.sending {
		n, b.err = b.try(p)
	}
	if b.err != nil || n == len(p) {
		return n, b.err
	}
	b.waiting.Add(int64(len(p) - n))
	b.pending = append(b.pending, p[n:]...)
	if !b.sending {
		b.sending = true
		b.sender.Add(1)
		go b.run()
	}
	return len(p), nil
}

// send sends what is pending until nothing is.
func (b *outbox) send() {
	defer b.sender.Done()
	for p := b.next(); len(p) > 0; p = b.next() {
		for len(p) > 0 {
			n, err := b.Conn.Write(p[:min(len(p), sendPiece)])
			p = p[n:]
			if err != nil {
				b.fail(err)
				break
			}
			b.sent(n)
		}
	}
}

// next takes what is pending; nothing ends the sending.
func (b *outbox) next() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pending
	if b.err != nil {
		p, b.pending, b.spare = nil, nil, nil
	}
	if len(p) == 0 {
		b.sending = false
		return nil
	}
	b.pending, b.spare = b.spare[:0], p
	if cap(p) > maxPending {
		b.spare = nil
	}
	return p
}

func (b *outbox) sent(n int) {
	left := b.waiting.Add(int64(-n))
	b.mu.Lock()
	defer b.mu.Unlock()
	if left <= b.low {
		b.makeRoom()
	}
	if b.late != nil && left <= b.soft {
		b.late.Stop()
		b.late = nil
	}
}

func (b *outbox) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	b.makeRoom()
	b.waiting.Store(0)
}

// makeRoom tells whoever waits for room. mu is held.
func (b *outbox) makeRoom() {
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
}

// downTo returns a channel that is closed once no more than n bytes wait, or the
// connection has failed; nil if that is so already. One goroutine calls it.
func (b *outbox) downTo(n int64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil || b.waiting.Load() <= n {
		return nil
	}
	b.low, b.room = n, make(chan struct{})
	return b.room
}

// cutIfLate cuts the connection off if more than soft bytes wait for longer than d.
func (b *outbox) cutIfLate(soft int64, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.late == nil && b.waiting.Load() > soft {
		b.soft, b.late = soft, time.AfterFunc(d, func() { _ = b.Conn.Close() })
	}
}

// Close cuts the connection off; what waits is lost.
func (b *outbox) Close() error {
	err := b.Conn.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.late != nil {
		b.late.Stop()
		b.late = nil
	}
	return err
}

// trySend makes the function that sends without waiting. On a connection where the
// system cannot tell, it sends nothing and leaves all to the goroutine.
func trySend(nc net.Conn) func(p []byte) (int, error) {
	switch nc := nc.(type) {
	case *net.TCPConn:
		return trySystem(nc)
	case *net.UnixConn:
		return trySystem(nc)
	case interface{ TryWrite(p []byte) (int, error) }: // in memory
		return nc.TryWrite
	}
	return func([]byte) (int, error) { return 0, nil }
}
