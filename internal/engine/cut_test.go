package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// content is what a visitor is told, as Dump would have it.
type content struct {
	lines    []string
	item     Item
	key      string
	parts    []string
	elements int // all
	bytes    int
}

func (c *content) Key(i Item) error {
	c.flush()
	c.item, c.key = i, string(i.Key)
	return nil
}

func (c *content) Element(parts ...[]byte) error {
	c.elements++
	var b []byte
	for _, p := range parts {
		c.bytes += len(p)
		if c.item.Kind != String {
			b = binary.AppendUvarint(b, uint64(len(p)))
		}
		b = append(b, p...)
	}
	c.parts = append(c.parts, string(b))
	return nil
}

// flush ends the key.
func (c *content) flush() {
	if c.item.Kind == None {
		return
	}
	switch c.item.Kind {
	case String:
		whole := strings.Join(c.parts, "")
		c.parts = []string{string(binary.AppendUvarint(nil, uint64(len(whole)))) + whole}
	case List:
	default:
		slices.Sort(c.parts)
	}
	var s strings.Builder
	s.WriteString(quote(c.item.DB, c.item.Kind, c.key, c.item.Deadline))
	for _, p := range c.parts {
		s.WriteString(" " + quoteBytes(p))
	}
	c.lines = append(c.lines, s.String())
	c.item, c.parts = Item{}, nil
}

func (c *content) String() string {
	c.flush()
	slices.Sort(c.lines)
	return strings.Join(c.lines, "\n")
}

// everything is Dump with the keys whose time has come.
func (e *Engine) everything() string {
	tx := e.beginAll(false)
	defer tx.Commit()
	var lines []string
	for db := range e.counts {
		for i := range e.stripes {
			if sp := e.stripes[i].space(db); sp != nil {
				for ent := range sp.keys.all() {
					lines = append(lines, ent.dump(db))
				}
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// decisions are random numbers that begin with those of a program.
type decisions struct {
	*dstest.Program
	rest rand.Source
}

func (d *decisions) Uint64() uint64 {
	if !d.More() {
		return d.rest.Uint64()
	}
	return uint64(d.Int(1<<16)) * 0x0001000100010001
}

// scene is an engine that is changed at random, and a cut of it that is visited a step
// at a time.
type scene struct {
	t     *testing.T
	w     writer
	e     *Engine
	clock *fakeClock

	cut  *Cut
	want string // what the cut contains
	got  content
	part int

	whole int // cuts visited to the end
}

func newScene(t *testing.T, src rand.Source) *scene {
	clock := newFakeClock()
	s := &scene{t: t, clock: clock, e: New(Options{Clock: clock, Stripes: 4, Databases: 3, Seed: 1})}
	s.e.Configure(func(c *Config) { c.Limits = smallLimits })
	s.w = writer{rand.New(src), clock.ms()}
	return s
}

// transaction makes some changes, undone or not.
func (s *scene) transaction() {
	tx := s.e.Begin(nil, true, true)
	for range 1 + s.w.IntN(4) {
		require.NoError(s.t, s.w.grow(tx))
		require.NoError(s.t, s.w.mutate(tx))
	}
	if s.w.IntN(4) == 0 {
		tx.Rollback()
	} else {
		tx.Commit()
	}
}

// grow makes big what mutate keeps small, and copies.
func (w writer) grow(tx *Tx) (err error) {
	k := w.key()
	switch w.IntN(16) {
	case 0:
		err = tx.PutString(k, bytes.Repeat(w.word(), 1+w.IntN(4_000)), w.deadline())
	case 1:
		_, err = tx.WriteString(k, w.IntN(150_000), bytes.Repeat([]byte("w"), 1+w.IntN(4000)))
	case 2:
		_, err = tx.ListPush(k, true, w.many(1)...)
	case 3:
		_, err = tx.SetAdd(k, w.many(1)...)
	case 4:
		_, err = tx.HashPut(k, w.many(2)...)
	case 5:
		for _, m := range w.many(1) {
			if err = zput(tx, k, m, float64(w.IntN(9))); err != nil {
				break
			}
		}
	case 6:
		err = w.copy(tx, k)
	case 7:
		_, err = tx.Rename(k, k.In(1-k.DB)) // MOVE
	}
	if errors.Is(err, ErrWrongType) {
		return nil
	}
	return err
}

func (w writer) many(each int) (list [][]byte) {
	from := w.IntN(50)
	for i := range each * (1 + w.IntN(200)) {
		list = append(list, fmt.Appendf(nil, "element %d", from+i))
	}
	return list
}

func (w writer) copy(tx *Tx, k Key) error {
	e, err := tx.Peek(k)
	if err != nil || e == nil {
		return err
	}
	if e.Kind() == String {
		return tx.CopyString(w.key(), e.detached())
	}
	return tx.Replace(w.key(), e.Kind(), e.CloneObject(), e.Deadline())
}

// step does one of what can happen.
func (s *scene) step() {
	switch s.w.IntN(16) {
	case 0:
		s.clock.advance(time.Duration(s.w.IntN(9)) * time.Millisecond)
		s.w.now = s.clock.ms()
	case 1:
		s.evict()
	case 2:
		if s.w.IntN(20) == 0 {
			s.fork()
		}
	case 3, 4, 5:
		s.transaction()
	default:
		s.visit()
	}
}

// evict deletes the key that the policy would.
func (s *scene) evict() {
	if s.w.IntN(5) == 0 {
		s.e.evictor.mu.Lock()
		defer s.e.evictor.mu.Unlock()
		c := *s.e.Config()
		c.Policy = AllKeysRandom
		s.e.evictor.evict(s.e, &c)
	}
}

// fork goes on with a fork or with what it was made from: the other one is changed too.
func (s *scene) fork() {
	f := s.e.Fork(s.clock)
	before := f.everything()
	s.transaction()
	require.Equal(s.t, before, f.everything())
	tx := f.Begin(nil, true, false)
	require.NoError(s.t, s.w.mutate(tx))
	tx.Commit()
	f.Close()
}

func (s *scene) visit() {
	switch {
	case s.cut == nil && s.w.IntN(4) == 0:
		var err error
		s.want = s.e.everything()
		s.cut, err = s.e.Cut()
		require.NoError(s.t, err)
		s.got, s.part = content{}, 0
	case s.cut == nil:
	case s.part == s.cut.Parts():
		require.Equal(s.t, s.want, s.got.String())
		s.whole++
		s.close()
	case s.w.IntN(400) == 0:
		s.close()
	default:
		more, err := s.cut.parts[s.part].step(&s.got)
		require.NoError(s.t, err)
		if !more {
			s.part++
		}
	}
}

// close ends the cut: nothing of it is left behind.
func (s *scene) close() {
	s.cut.Close()
	s.cut = nil
	for i := range s.e.stripes {
		for _, sp := range s.e.stripes[i].spaces {
			if sp == nil {
				continue
			}
			require.Nil(s.t, sp.cut)
			for _, b := range sp.keys.boxes {
				require.True(s.t, b == nil || b.image == nil)
			}
		}
	}
	checkAccounts(s.t, s.e)
}

func (s *scene) end() {
	for s.cut != nil {
		s.visit()
	}
	s.e.Close()
}

// TestACutIsTheStateBetweenTwoTransactions visits cuts step by step between
// transactions of every kind, undone ones too, expiry and eviction.
func TestACutIsTheStateBetweenTwoTransactions(t *testing.T) {
	whole := 0
	for seed := range uint64(5) {
		s := newScene(t, rand.NewPCG(seed, 21))
		for range 2000 {
			s.step()
		}
		s.end()
		whole += s.whole
	}
	require.Greater(t, whole, 40)
}

func FuzzCut(f *testing.F) {
	f.Add(dstest.Random(1, 2000))
	f.Fuzz(func(t *testing.T, program []byte) {
		d := &decisions{dstest.NewProgram(program), rand.NewPCG(1, 22)}
		s := newScene(t, d)
		for d.More() {
			s.step()
		}
		s.end()
	})
}

func TestOnlyOneCutIsOpen(t *testing.T) {
	e := newEngine(t, Options{})
	c, err := e.Cut()
	require.NoError(t, err)
	_, err = e.Cut()
	require.ErrorIs(t, err, ErrBusy)
	c.Close()
	c.Close()
	c, err = e.Cut()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Visit(ctx, &content{}), context.Canceled)
	require.NoError(t, c.Visit(t.Context(), &content{}))
	c.Close()
}
