package vfs

import "slices"

// Gate holds calls until a test lets them go on: a disk as slow as one likes, without
// a clock. Its Fault is to be injected:
//
//	gate := vfs.NewGate(vfs.OpSync)
//	faults.Inject(gate.Fault)
//	go store.Set(...)
//	held := gate.Next()       // Sync was called, and has not returned
//	...
//	held.Go(nil)              // now it does; or fails with an error
//	gate.Open()               // nothing is held any more
//
// Those who wait, wait at channels: in a bubble of testing/synctest too, if the gate
// was made there.
type Gate struct {
	ops  []Op
	held chan *Held
	open chan struct{}
}

// NewGate returns a gate that holds calls of some kinds.
func NewGate(ops ...Op) *Gate {
	return &Gate{ops, make(chan *Held), make(chan struct{})}
}

// Fault holds a call.
func (g *Gate) Fault(c Call) error {
	if !slices.Contains(g.ops, c.Op) {
		return nil
	}
	h := &Held{c, make(chan error), g.open}
	select {
	case g.held <- h:
	case <-g.open:
		return nil
	}
	select {
	case err := <-h.result:
		return err
	case <-g.open:
		return nil
	}
}

// Next waits until a call is held that it did not return before.
func (g *Gate) Next() *Held { return <-g.held }

// Open lets all calls go on, those held and those to come. It is called once.
func (g *Gate) Open() { close(g.open) }

// Held is a call that waits at a Gate.
type Held struct {
	Call
	result chan error
	open   chan struct{}
}

// Go lets the call go on, or fail with an error. It is called once; after Open it does
// nothing.
func (h *Held) Go(err error) {
	select {
	case h.result <- err:
	case <-h.open:
	}
}
