//go:build linux && !portable

package server

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// loops are a server's event loops. Each runs while it has connections.
type loops struct {
	running sync.WaitGroup

	mu   sync.Mutex
	all  []*loop // one for two processors, nil where none runs
	next int
}

// loop waits for its connections and serves those that are ready, one after the
// other, in one goroutine at a time. When the command of a connection has to wait,
// that goroutine hands the loop over to a new one and goes on with the connection
// alone. When a command just takes long, the loop is taken from it.
type loop struct {
	group *loops
	index int
	epoll int
	stop  [2]int // a pipe; closing the end that is written to ends the loop

	sockets []*socket // by file descriptor; guarded by the group's mu, as is
	open    int       // their number

	// The goroutine that runs the loop has these.
	events []syscall.EpollEvent
	ready  []*socket // of the events, from cursor on still to be served
	cursor int
	again  []*socket // to be served once more when all that are ready have been
	spare  []*socket // memory for again

	// step counts where connections begin and cease to be served: odd while one is.
	// Whoever moves it on from there has the loop.
	step    atomic.Int64
	watched atomic.Bool
	watch   *time.Timer // calls look while watched
	looked  int64       // step when look was called last
}

const (
	// readyAtOnce is how many ready connections one system call tells of.
	readyAtOnce = 128
	// longestStep is how long a connection may be served, about, before the loop goes
	// on without it.
	longestStep = 2 * time.Millisecond
	// roundsAtOnce is how often a busy loop looks for work before it lets other
	// goroutines have the processor.
	roundsAtOnce = 16
)

// join puts a socket under the care of a loop, which it starts if need be.
func (g *loops) join(s *socket) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all == nil {
		g.all = make([]*loop, max(1, runtime.GOMAXPROCS(0)/2))
	}
	g.next = (g.next + 1) % len(g.all)
	if g.all[g.next] == nil {
		l, err := newLoop(g, g.next)
		if err != nil {
			return err
		}
		g.all[g.next] = l
		g.running.Add(1)
		go l.run()
	}
	return g.all[g.next].add(s)
}

// wait waits until no loop runs.
func (g *loops) wait() { g.running.Wait() }

func newLoop(g *loops, index int) (*loop, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	l := &loop{group: g, index: index, epoll: epoll, events: make([]syscall.EpollEvent, readyAtOnce)}
	if err := syscall.Pipe2(l.stop[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		_ = syscall.Close(epoll)
		return nil, err
	}
	_ = l.listen(syscall.EPOLL_CTL_ADD, l.stop[0], syscall.EPOLLIN)
	l.watch = time.AfterFunc(time.Hour, l.look)
	l.watch.Stop()
	return l, nil
}

func (l *loop) listen(op, fd int, events uint32) error {
	return syscall.EpollCtl(l.epoll, op, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

// add begins to listen for a socket. The group's mu is held.
func (l *loop) add(s *socket) error {
	s.loop = l
	if more := s.fd + 1 - len(l.sockets); more > 0 {
		l.sockets = append(l.sockets, make([]*socket, more)...)
	}
	l.sockets[s.fd] = s
	l.open++
	return l.listen(syscall.EPOLL_CTL_ADD, s.fd, listenIn)
}

// drop forgets a socket that is about to be closed; without any the loop ends.
func (l *loop) drop(fd int) {
	l.group.mu.Lock()
	defer l.group.mu.Unlock()
	l.sockets[fd] = nil
	if l.open--; l.open == 0 {
		l.group.all[l.index] = nil
		_ = syscall.Close(l.stop[1])
	}
}

// run serves whoever is ready until the loop ends or another goroutine has it.
func (l *loop) run() {
	for round := 1; ; round++ {
		for l.cursor < len(l.ready) {
			s, events := l.ready[l.cursor], l.events[l.cursor].Events
			l.ready[l.cursor] = nil // it may be the last that knows it
			l.cursor++
			if s != nil && s.wake(events) && !l.serve(s) {
				return
			}
		}
		if !l.serveAgain() {
			return
		}
		if round%roundsAtOnce == 0 {
			runtime.Gosched()
		}
		if !l.poll() {
			l.end()
			return
		}
	}
}

// serve serves a connection. It reports false if another goroutine has the loop now.
func (l *loop) serve(s *socket) bool {
	n := l.step.Load() + 1
	l.step.Store(n)
	if !l.watched.Load() && l.watched.CompareAndSwap(false, true) {
		l.watch.Reset(longestStep)
	}
	again := s.serve(shift{l, n})
	has := l.step.CompareAndSwap(n, n+1)
	if again {
		if !has {
			s.serve(shift{})
		} else {
			l.again = append(l.again, s)
		}
	}
	return has
}

// serveAgain serves the connections that have asked for it. The first one may wait for
// what all of them wait for. It reports false if another goroutine has the loop now.
func (l *loop) serveAgain() bool {
	sockets := l.again
	l.again, l.spare = l.spare[:0], nil
	for i, s := range sockets {
		if !l.serve(s) {
			serveAlone(sockets[i+1:])
			return false
		}
	}
	clear(sockets)
	l.spare = sockets
	return true
}

// serveAlone gives connections that are to be served again goroutines of their own.
func serveAlone(sockets []*socket) {
	for _, s := range sockets {
		go s.serve(shift{})
	}
}

// handOver lets a new goroutine run the loop, unless one does since the step.
func (l *loop) handOver(step int64) {
	if l.step.CompareAndSwap(step, step+1) {
		go l.run()
	}
}

// look takes the loop from a connection that was served when it looked before, and
// sees to it that it looks again while the loop has work.
func (l *loop) look() {
	n := l.step.Load()
	if n == l.looked {
		if n%2 == 1 {
			l.handOver(n)
		}
		l.watched.Store(false)
		if l.step.Load() == n || !l.watched.CompareAndSwap(false, true) {
			return
		}
	}
	l.looked = n
	l.watch.Reset(longestStep)
}

// poll waits for events. It reports false when the loop is to end.
func (l *loop) poll() bool {
	// A busy loop does not trouble Go's scheduler with the news that it may wait.
	n := l.wait(syscall.RawSyscall6, 0)
	for n == 0 && len(l.again) == 0 {
		n = l.wait(syscall.Syscall6, -1)
	}
	l.group.mu.Lock()
	defer l.group.mu.Unlock()
	l.ready, l.cursor = l.ready[:0], 0
	for _, e := range l.events[:n] {
		var s *socket
		if int(e.Fd) < len(l.sockets) {
			s = l.sockets[e.Fd]
		}
		l.ready = append(l.ready, s)
	}
	return l.open > 0
}

// wait returns the number of events that there are, or come within some
// milliseconds, -1 for ever.
func (l *loop) wait(call func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno), millis int) int {
	n, _, err := call(syscall.SYS_EPOLL_PWAIT, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])), uintptr(len(l.events)), uintptr(millis), 0, 0)
	if err != 0 {
		return 0 // interrupted
	}
	return int(n)
}

// end gives back what the system lent.
func (l *loop) end() {
	serveAlone(l.again)
	l.watch.Stop()
	_ = syscall.Close(l.epoll)
	_ = syscall.Close(l.stop[0])
	l.group.running.Done()
}
