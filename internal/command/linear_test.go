package command_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// TestLinearizable lets clients work on a few keys at once and asks porcupine for an
// order, one command after another, that explains every reply.
func TestLinearizable(t *testing.T) {
	for _, c := range []struct {
		name      string
		lines     func(id int, r *rand.Rand) []string
		byKey     bool // commands on one key each: keys are looked at one by one
		histories int
		each      int // commands of each client in a history
	}{
		{"one key", oneKey, true, 40, 300},
		{"several keys", severalKeys, false, 300, 15},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(c.histories) {
				e := engine.New(engine.Options{})
				table := command.NewTable(command.Rows())
				var clients []client
				for range 4 {
					c := caller{eng: e}
					clients = append(clients, func(line []string) string { return c.perform(table, line) })
				}
				explain(t, seed, c.byKey, record(seed, c.lines, c.each, clients))
				require.Equal(t, e.Recount(), e.Memory())
				e.Close()
			}
		})
	}
}

// oneKey is a command on a single key.
func oneKey(_ int, r *rand.Rand) []string {
	n := strconv.Itoa(r.IntN(3))
	lines := [][]string{
		{"GET", "s" + n}, {"GET", "s" + n}, {"SET", "s" + n, strconv.Itoa(r.IntN(100))}, {"APPEND", "s" + n, "x"}, {"STRLEN", "s" + n}, {"GETDEL", "s" + n},
		{"INCR", "n" + n}, {"INCR", "n" + n}, {"GET", "n" + n},
		{"LPUSH", "l" + n, strconv.Itoa(r.IntN(100))}, {"RPUSH", "l" + n, "a", "b"}, {"LPOP", "l" + n}, {"RPOP", "l" + n}, {"LLEN", "l" + n},
		{"SADD", "t" + n, strconv.Itoa(r.IntN(4))}, {"SREM", "t" + n, strconv.Itoa(r.IntN(4))}, {"SISMEMBER", "t" + n, strconv.Itoa(r.IntN(4))}, {"SCARD", "t" + n},
	}
	return lines[r.IntN(len(lines))]
}

// severalKeys is a command or a transaction on two keys, or one that looks at both.
func severalKeys(_ int, r *rand.Rand) []string {
	a, b := strconv.Itoa(r.IntN(2)), strconv.Itoa(r.IntN(2))
	lines := [][]string{
		{"RENAME", "l" + a, "l" + b}, {"LMOVE", "l" + a, "l" + b, "LEFT", "RIGHT"}, {"RPUSH", "l" + a, strconv.Itoa(r.IntN(100))}, {"LLEN", "l" + a},
		{"TRANSFER", "n" + a, "n" + b}, {"TRANSFER", "n0", "n1"}, {"MGET", "n0", "n1"}, {"INCR", "n" + a}, {"COPY", "l" + a, "l" + b, "REPLACE"},
		{"MSET", "n0", "5", "n1", "7"}, {"DEL", "l0", "l1"}, {"BOTH"},
	}
	return lines[r.IntN(len(lines))]
}

// explain holds that there is an order in which the twin gives the same replies.
func explain(t *testing.T, seed uint64, byKey bool, history []porcupine.Operation) {
	t.Helper()
	result := porcupine.CheckOperationsTimeout(model(byKey), history, 20*time.Second)
	require.Equal(t, porcupine.Ok, result, "seed %d", seed)
}

// client runs a line and gives the reply.
type client func(line []string) string

// record runs clients at once and notes what they called, when, and what they got.
func record(seed uint64, lines func(int, *rand.Rand) []string, each int, clients []client) (history []porcupine.Operation) {
	var mu sync.Mutex
	var now atomic.Int64
	var all sync.WaitGroup
	for id, perform := range clients {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(id)))
			for range each {
				line := lines(id, r)
				op := porcupine.Operation{ClientId: id, Input: line, Call: now.Add(1)}
				runtime.Gosched() // so that the clients come in each other's way
				op.Output = perform(line)
				runtime.Gosched()
				op.Return = now.Add(1)
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return history
}

// perform runs a line, or what a transaction's name stands for.
func (c *caller) perform(table *command.Table, line []string) string {
	switch line[0] {
	case "TRANSFER":
		return c.several(table, []string{"DECR", line[1]}, []string{"INCR", line[2]})
	case "BOTH":
		return c.several(table, []string{"LRANGE", "l0", "0", "-1"}, []string{"LRANGE", "l1", "0", "-1"})
	}
	p, ok := c.prepare(table.Find(strings.ToLower(line[0])), line)
	if !ok {
		panic(fmt.Sprint("bad line ", line))
	}
	reply, err := c.run(context.Background(), p, 0)
	if err != nil {
		return "error"
	}
	return reply
}

func (c *caller) several(table *command.Table, lines ...[]string) string {
	var list []prepared
	for _, line := range lines {
		p, _ := c.prepare(table.Find(strings.ToLower(line[0])), line)
		list = append(list, p)
	}
	replies, _ := c.transaction(list, true)
	return replies
}

// model is the sequential twin: keys with text, lists and sets as words with commas.
func model(byKey bool) porcupine.Model {
	m := porcupine.Model{
		Init:  func() any { return map[string]string{} },
		Equal: func(a, b any) bool { return maps.Equal(a.(map[string]string), b.(map[string]string)) },
		Step: func(state, input, output any) (bool, any) {
			line := input.([]string)
			if line[0] == "CAS" && output == aborted {
				return true, state
			}
			next := twin(maps.Clone(state.(map[string]string)))
			return next.run(line) == output.(string), map[string]string(next)
		},
	}
	if byKey {
		m.Partition = func(history []porcupine.Operation) [][]porcupine.Operation {
			keys := map[string][]porcupine.Operation{}
			for _, op := range history {
				key := op.Input.([]string)[1]
				keys[key] = append(keys[key], op)
			}
			return slices.Collect(maps.Values(keys))
		}
	}
	return m
}

type twin map[string]string

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

func number(n int) string { return fmt.Sprintf(":%d\r\n", n) }

const null = "$-1\r\n"

func (m twin) words(key string) []string {
	if m[key] == "" {
		return nil
	}
	return strings.Split(m[key], ",")
}

func (m twin) put(key string, words []string) {
	if len(words) == 0 {
		delete(m, key)
	} else {
		m[key] = strings.Join(words, ",")
	}
}

func (m twin) get(key string) string {
	if v, ok := m[key]; ok {
		return bulk(v)
	}
	return null
}

func (m twin) add(key string, by int) string {
	n, _ := strconv.Atoi(m[key])
	m[key] = strconv.Itoa(n + by)
	return number(n + by)
}

// run changes the twin and gives the reply.
func (m twin) run(line []string) string {
	key := ""
	if len(line) > 1 {
		key = line[1]
	}
	list := m.words(key)
	switch line[0] {
	case "GET":
		return m.get(key)
	case "SET":
		m[key] = line[2]
		return "+OK\r\n"
	case "APPEND":
		m[key] += line[2]
		return number(len(m[key]))
	case "STRLEN":
		return number(len(m[key]))
	case "GETDEL":
		defer delete(m, key)
		return m.get(key)
	case "INCR":
		return m.add(key, 1)
	case "LPUSH":
		m.put(key, append([]string{line[2]}, list...))
		return number(len(list) + 1)
	case "RPUSH":
		m.put(key, append(list, line[2:]...))
		return number(len(m.words(key)))
	case "LPOP", "RPOP":
		return m.pop(key, line[0] == "RPOP")
	case "LLEN", "SCARD":
		return number(len(list))
	case "SADD", "SREM", "SISMEMBER":
		return m.member(line[0], key, line[2])
	}
	return m.runSeveral(line)
}

func (m twin) pop(key string, back bool) string {
	list := m.words(key)
	if len(list) == 0 {
		return null
	}
	at := 0
	if back {
		at = len(list) - 1
	}
	v := list[at]
	m.put(key, slices.Delete(list, at, at+1))
	return bulk(v)
}

func (m twin) member(op, key, member string) string {
	set := m.words(key)
	at := slices.Index(set, member)
	switch {
	case op == "SADD" && at < 0:
		set = append(set, member)
		slices.Sort(set)
		m.put(key, set)
		return number(1)
	case op == "SREM" && at >= 0:
		m.put(key, slices.Delete(set, at, at+1))
		return number(1)
	case op == "SISMEMBER" && at >= 0:
		return number(1)
	}
	return number(0)
}

func (m twin) runSeveral(line []string) string {
	switch line[0] {
	case "RENAME":
		v, ok := m[line[1]]
		if !ok {
			return "error"
		}
		delete(m, line[1])
		m[line[2]] = v
		return "+OK\r\n"
	case "COPY":
		v, ok := m[line[1]]
		if line[1] == line[2] {
			return "error"
		}
		if !ok {
			return number(0)
		}
		m[line[2]] = v
		return number(1)
	case "LMOVE":
		list := m.words(line[1])
		if len(list) > 0 {
			m.put(line[1], list[1:])
			m.put(line[2], append(m.words(line[2]), list[0]))
			return bulk(list[0])
		}
		return null
	case "TRANSFER":
		return m.add(line[1], -1) + m.add(line[2], 1)
	case "MGET":
		return "*2\r\n" + m.get(line[1]) + m.get(line[2])
	case "MSET":
		m[line[1]], m[line[3]] = line[2], line[4]
		return "+OK\r\n"
	case "BLPOP":
		return m.blpop(line[1 : len(line)-1])
	case "BLMOVE":
		return m.runSeveral(append([]string{"LMOVE"}, line[1:]...))
	case "CAS":
		was := m.get(line[1])
		m.add(line[1], 1)
		return was + "+OK\r\n" + m.get(line[2])
	case "DEL":
		n := len(m)
		delete(m, line[1])
		delete(m, line[2])
		return number(n - len(m))
	}
	return m.all("l0") + m.all("l1")
}

// blpop takes from the first list that has something. That none has is the reply of
// one who has waited for too long, and he must be right.
func (m twin) blpop(keys []string) string {
	for _, key := range keys {
		if len(m.words(key)) > 0 {
			return "*2\r\n" + bulk(key) + m.pop(key, false)
		}
	}
	return null
}

// all is the whole list.
func (m twin) all(key string) string {
	reply := fmt.Sprintf("*%d\r\n", len(m.words(key)))
	for _, v := range m.words(key) {
		reply += bulk(v)
	}
	return reply
}
