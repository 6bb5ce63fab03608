package script

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// RunAll runs every script that fits a pattern, in both protocols, each against what start
// starts: at an address, with what is to be done after each case, nil for nothing.
func RunAll(t *testing.T, pattern string, start func(t *testing.T) (addr string, done func(t *testing.T))) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts fit %s: %v", pattern, err)
	}
	for _, path := range paths {
		f, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		for proto := 2; proto <= 3; proto++ {
			t.Run(fmt.Sprintf("%s/RESP%d", filepath.Base(path), proto), func(t *testing.T) {
				addr, done := start(t)
				Run(t, f, addr, proto, done)
			})
		}
	}
}

// Run runs every case of a script against the server at addr, each as a subtest.
// done, if not nil, is called after each case.
func Run(t *testing.T, f *File, addr string, proto int, done func(t *testing.T)) {
	for _, c := range f.Cases {
		t.Run(strings.ReplaceAll(c.Name, " ", "_"), func(t *testing.T) {
			r := &runner{addr: addr, proto: proto, conns: map[string]*Client{}}
			defer r.close()
			if err := r.start(); err != nil {
				t.Fatal(err)
			}
			for _, s := range c.Steps {
				got, replied, err := r.step(s)
				if err != nil {
					t.Fatalf("%s:%d: %s: %v", f.Path, s.Line+1, s.Text, err)
				}
				if want := s.want(proto); replied && !s.matches(got, want) {
					t.Errorf("%s:%d: RESP%d: %s\n got %s\nwant %s", f.Path, s.Line+1, proto, s.Text, s.show(got), want)
				}
			}
			if done != nil {
				done(t)
			}
		})
	}
}

func (s *Step) want(proto int) string {
	if proto == 3 {
		return s.Want3
	}
	return s.Want2
}

// show is the reply as it is compared.
func (s *Step) show(v Value) string {
	if s.Any {
		v = v.Sorted()
	}
	return v.String()
}

func (s *Step) matches(got Value, want string) bool {
	if s.Regex {
		re, err := regexp.Compile("^(?:" + strings.Trim(want, "/") + ")$")
		return err == nil && re.MatchString(got.String())
	}
	return s.show(got) == want
}

// runner is the connections of a running case.
type runner struct {
	addr  string
	proto int
	conns map[string]*Client
	admin *Client
}

func (r *runner) start() error {
	var err error
	if r.admin, err = Dial(r.addr, 2); err != nil {
		return err
	}
	v, err := r.admin.Do("FLUSHALL")
	if err == nil && v.Kind == '-' {
		err = fmt.Errorf("FLUSHALL: %s", v)
	}
	return err
}

func (r *runner) close() {
	for _, c := range r.conns {
		if c != nil {
			c.Close()
		}
	}
	if r.admin != nil {
		r.admin.Close()
	}
}

func (r *runner) conn(name string) (*Client, error) {
	if c := r.conns[name]; c != nil {
		return c, nil
	}
	c, err := Dial(r.addr, r.proto)
	r.conns[name] = c
	return c, err
}

// step does what a line says; replied is false if there is no reply to compare.
func (r *runner) step(s Step) (got Value, replied bool, err error) {
	c, err := r.conn(s.Conn)
	if err != nil {
		return got, false, err
	}
	switch {
	case s.Blocks:
		return got, false, r.block(c, s)
	case s.Send == nil:
		got, err = c.Receive()
	default:
		got, err = c.Do(s.Send...)
	}
	return got, true, err
}

// block sends a command and waits until the server counts one blocked client more.
func (r *runner) block(c *Client, s Step) error {
	before, err := r.admin.Blocked()
	if err != nil {
		return err
	}
	if err := c.Send(s.Send...); err != nil {
		return err
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if now, err := r.admin.Blocked(); err != nil || now > before {
			return err
		}
	}
	return errors.New("the client does not block")
}
