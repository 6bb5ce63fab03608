package bench

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"strconv"
	"strings"
)

// weighing is a kind of data whose bytes are compared.
type weighing struct {
	name     string
	per      int     // how many elements are weighed as one
	target   float64 // bytes that Reside may take at most
	entrants []entrant
	command  func(d data, i int) []string // that adds an element to redis-server
}

// scale is one implementation of it. open makes an empty one: fill adds element i, and
// weigh tells how many bytes all of it takes.
type scale struct {
	name string
	open func(d data) (fill func(i int), weigh func() int64, end func())
}

// onHeap weighs an entrant by the heap that is in use; its first step fills it.
func onHeap(e entrant) scale {
	return scale{e.name, func(d data) (func(int), func() int64, func()) {
		before := heap()
		steps, end := e.open(d)
		return steps[0].do, func() int64 { return heap() - before }, end
	}}
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// inRedis weighs what redis-server, at an address, says of its memory; a command
// fills it.
func inRedis(addr string, command func(d data, i int) []string) scale {
	return scale{redisPeer, func(d data) (func(int), func() int64, func()) {
		c, err := dialRedis(addr)
		done(err)
		before := c.memory()
		return func(i int) { c.send(command(d, i)...) }, func() int64 { return c.memory() - before }, c.end
	}}
}

// redisConn is a connection that does not read what its commands are answered with.
type redisConn struct {
	net.Conn
	in  *bufio.Reader
	out *bufio.Writer
}

func dialRedis(addr string) (*redisConn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &redisConn{conn, bufio.NewReader(conn), bufio.NewWriter(conn)}
	c.send("FLUSHALL", "SYNC")
	c.line()
	c.send("CLIENT", "REPLY", "OFF")
	return c, nil
}

func (c *redisConn) send(words ...string) {
	fmt.Fprintf(c.out, "*%d\r\n", len(words))
	for _, w := range words {
		_, _ = c.out.WriteString("$" + strconv.Itoa(len(w)) + "\r\n" + w + "\r\n")
	}
}

// line sends what waits and reads the next line.
func (c *redisConn) line() string {
	done(c.out.Flush())
	s, err := c.in.ReadString('\n')
	done(err)
	return strings.TrimSuffix(s, "\r\n")
}

// memory is what the server uses once all that was sent is done.
func (c *redisConn) memory() int64 {
	c.send("CLIENT", "REPLY", "ON")
	c.line()
	c.send("INFO", "memory")
	size, err := strconv.Atoi(c.line()[1:])
	done(err)
	text := make([]byte, size+len("\r\n"))
	_, err = io.ReadFull(c.in, text)
	done(err)
	_, rest, _ := strings.Cut(string(text), "used_memory:")
	number, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.ParseInt(number, 10, 64)
	done(err)
	c.send("CLIENT", "REPLY", "OFF")
	return n
}

func (c *redisConn) end() {
	c.send("FLUSHALL", "SYNC")
	done(c.out.Flush())
	done(c.Close())
}

// weighSteps is how many times the number of elements is weighed while it doubles:
// tables grow by steps, so the worst counts.
const weighSteps = 8

// weigh fills a scale with n elements and then as many again. It returns the most
// bytes that a key took on the way.
func (w weighing) weigh(s scale, d data) (worst float64) {
	fill, weigh, end := s.open(d)
	defer end()
	n, filled := d.n/2, 0
	for part := range weighSteps + 1 {
		for ; filled < n+n*part/weighSteps; filled++ {
			fill(filled)
		}
		worst = math.Max(worst, float64(weigh())/float64(filled)*float64(w.per))
	}
	return worst
}

// weighings are all there are.
func weighings() []weighing {
	const one = math.MaxInt // all elements are of one key
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return []weighing{
		{"string of 16 B", 1, 66, stringEntrants(stringSteps),
			func(d data, i int) []string { return []string{"SET", d.keys.at(i), d.values.at(i)} }},
		{"string of 64 B", 1, 114, stringEntrants(longStringSteps),
			func(d data, i int) []string { return []string{"SET", d.keys.at(i), d.long(i)} }},
		{"string of 16 B with a deadline", 1, 74, databaseContest().entrants,
			func(d data, i int) []string { return []string{"SET", d.keys.at(i), d.values.at(i), "EX", "3600"} }},
		{"hash of 10 fields", 10, 410, hashEntrants(10),
			func(d data, i int) []string { return []string{"HSET", d.spread(i, 10), d.keys.at(i), d.values.at(i)} }},
		{"field of a large hash", 1, 60, hashEntrants(one),
			func(d data, i int) []string { return []string{"HSET", "h", d.keys.at(i), d.values.at(i)} }},
		{"element of a large list", 1, 18, listEntrants(one),
			func(d data, i int) []string { return []string{"RPUSH", "l", d.values.at(i)} }},
		{"member of a large set", 1, 36, setEntrants(one),
			func(d data, i int) []string { return []string{"SADD", "s", d.keys.at(i)} }},
		{"member of a large sorted set", 1, 72, bigZSetContest().entrants,
			func(d data, i int) []string { return []string{"ZADD", "z", number(zsetScore(i)), d.keys.at(i)} }},
	}
}

// long is a value of 64 bytes.
func (d data) long(i int) string { return strings.Repeat(d.values.at(i), 64/textLen) }

func longStringSteps(m stringMap, d data) []step {
	return []step{{name: "set new", do: func(i int) { m.set(d.keys.at(i), d.long(i)) }}}
}

// scales are the implementations to weigh, with redis-server at an address if there is
// one. Many maps with locks weigh what one does.
func (w weighing) scales(redis string) (list []scale) {
	for _, e := range w.entrants {
		if e.name != manyMap {
			list = append(list, onHeap(e))
		}
	}
	if redis != "" {
		list = append(list, inRedis(redis, w.command))
	}
	return list
}

// measure weighs every implementation.
func (w weighing) measure(d data, redis string) (all []sample) {
	for _, s := range w.scales(redis) {
		all = append(all, sample{"Memory", memoryKeys(w.name, s.name), d.n, []value{{w.weigh(s, d), "B/key"}}})
	}
	return all
}

func memoryKeys(name, peer string) []keyValue {
	return []keyValue{keyed("type", name), keyed("peer", peer)}
}

// memoryTable lays out bytes a key in Markdown.
func memoryTable(r results) string {
	var b strings.Builder
	peers := []string{reside, oneMap, syncMap, xsyncV4, bunt, googleTree, redisPeer}
	b.WriteString("| bytes | " + strings.Join(peers, " | ") + " |\n|---|" + strings.Repeat("---|", len(peers)) + "\n")
	for _, w := range weighings() {
		b.WriteString("| " + w.name)
		for _, peer := range peers {
			b.WriteString(" | " + figure("%.0f", median(r.pick("B/key", memoryKeys(w.name, peer)...))))
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

// figure is empty for what was not measured.
func figure(format string, v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf(format, v)
}

// brief is a figure of three digits.
func brief(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return figure("%.3g", v)
}

// heavy lists what takes more bytes than it may.
func heavy(r results) (broken []string) {
	for _, w := range weighings() {
		if most := median(r.pick("B/key", memoryKeys(w.name, reside)...)); most > w.target {
			broken = append(broken, fmt.Sprintf("%s: %.1f bytes, more than %.0f", w.name, most, w.target))
		}
	}
	return broken
}
