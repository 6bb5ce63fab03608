package command_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/script"
)

var (
	differLines = flag.Int("differ.lines", 30000, "command lines that TestDiffer sends to both servers")
	differSeed  = flag.Uint64("differ.seed", 0, "seed of TestDiffer; 0 draws one")
)

// TestDiffer sends the same random command lines to Reside and to a real
// redis-server and compares every reply, and after each round everything that
// is stored. The seed is printed: -differ.seed replays it.
func TestDiffer(t *testing.T) {
	seed := *differSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Log("seed", seed)
	oracle, s := script.StartRedis(t), newSubject(t)
	d := &differ{t: t, rows: differRows(), lines: liner{Rand: rand.New(rand.NewPCG(seed, 0))}}
	for sent := 0; sent < *differLines && d.failed < 10; sent += d.sent {
		proto := 2 + d.lines.IntN(2)
		d.round(dial(t, oracle, proto), dial(t, s.addr, proto))
		s.checkReplay(t)
		s.records = s.records[:0:0]
	}
}

func dial(t *testing.T, addr string, proto int) *script.Client {
	c, err := script.Dial(addr, proto)
	require.NoError(t, err)
	return c
}

// differRows are the commands that the oracle has, too.
func differRows() []*command.Named {
	return weighed(func(m *command.Info) bool {
		return notCompared[m.Name] == "" && !strings.HasPrefix(m.Since, "7.4") && !strings.HasPrefix(m.Since, "8.")
	})
}

// builders are commands that make values grow; without many of them there would be
// little to work on.
var builders = strings.Fields("lpush rpush sadd zadd hset")

// weighed are the rows that are wanted, builders many times, and few that throw
// everything away.
func weighed(want func(*command.Info) bool) (rows []*command.Named) {
	for _, n := range command.NewTable(command.Rows()).All() {
		m, times := n.Meta(), 4
		switch {
		case !want(m):
			continue
		case slices.Contains(builders, m.Name):
			times = 60
		case m.Flags.Has(command.WholeStore) || m.Group == "generic":
			times = 1
		}
		rows = append(rows, slices.Repeat([]*command.Named{n}, times)...)
	}
	return rows
}

// differ sends lines to both servers, the real one first.
type differ struct {
	t      *testing.T
	rows   []*command.Named
	lines  liner
	conns  [2]*script.Client
	log    []string // of the round
	sent   int      // in the round
	failed int
	bad    bool // the round has failed
	over   bool // the round cannot go on
	sorts  bool // SORT may have turned a sorted set of the real server into a skiplist
}

const roundLines = 300

// round compares some lines that start on empty servers.
func (d *differ) round(oracle, subject *script.Client) {
	defer oracle.Close()
	defer subject.Close()
	d.conns, d.log, d.sent, d.bad, d.over, d.sorts = [2]*script.Client{oracle, subject}, nil, 0, false, false, false
	d.same("FLUSHALL")
	size := fmt.Sprint(pick(&d.lines, []int{2, 5, 128}))
	d.same("CONFIG", "SET", "hash-max-listpack-entries", size, "zset-max-listpack-entries", size, "set-max-intset-entries", size)
	for !d.bad && !d.over && d.sent < roundLines {
		if d.lines.chance(4) {
			d.transaction()
		} else {
			d.step()
		}
	}
	for db := 0; db < 2 && !d.bad && !d.over; db++ {
		d.same("SELECT", fmt.Sprint(db))
		d.state()
	}
	if d.bad {
		d.failed++
	}
}

// step compares one line outside a transaction. What a random command took away
// differs, so its key is deleted.
func (d *differ) step() {
	n := pick(&d.lines, d.rows)
	for n.Meta().Flags.Has(command.Blocking) {
		n = pick(&d.lines, d.rows)
	}
	line := d.lines.make(n)
	if n.Meta().Name == "zremrangebylex" {
		d.same(d.lines.equalScores()...)
	}
	if unlike(line) != "" {
		return
	}
	d.same(line...)
	if n.Meta().Name == "spop" && len(line) > 1 {
		d.same("DEL", line[1])
	}
}

// transaction compares lines between MULTI and EXEC; there blocking commands do
// not wait.
func (d *differ) transaction() {
	if d.lines.chance(20) {
		d.same("WATCH", d.lines.keyOf(d.rows))
	}
	if d.lines.chance(30) {
		d.step()
	}
	d.same("MULTI")
	var queue [][]string
	for range 1 + d.lines.IntN(5) {
		n := pick(&d.lines, d.rows)
		if n.Meta().Name == "spop" {
			continue
		}
		line := d.lines.make(n)
		if unlike(line) != "" {
			continue
		}
		if a, _ := d.send(line); a.Kind != '-' {
			queue = append(queue, line)
		}
	}
	if d.lines.chance(10) {
		d.same("DISCARD")
		return
	}
	d.log = append(d.log, "EXEC")
	a, b := d.replies([]string{"EXEC"})
	if a.Kind != '*' || b.Kind != '*' || len(a.Kids) != len(queue) || len(b.Kids) != len(queue) {
		d.compare([]string{"EXEC"}, a, b)
		return
	}
	for i, line := range queue {
		d.compare(line, a.Kids[i], b.Kids[i])
	}
}

// same sends a line and compares the replies.
func (d *differ) same(line ...string) { d.send(line) }

func (d *differ) send(line []string) (oracle, subject script.Value) {
	d.log = append(d.log, quoted(line))
	d.sent++
	oracle, subject = d.replies(line)
	if isDump(line) && oracle.Kind == '$' && subject.Kind == '$' {
		d.exchange(line[1], oracle.Text, subject.Text)
		return oracle, subject
	}
	d.compare(line, oracle, subject)
	return oracle, subject
}

// isDump reports whether what a line shows depends on how a value is kept.
func isDump(line []string) bool { return strings.EqualFold(line[0], "dump") }

// exchange makes each side restore what the other has dumped.
func (d *differ) exchange(key, oracle, subject string) {
	d.log = append(d.log, quoted([]string{"RESTORE", key, "0", oracle, "REPLACE"}))
	for i, payload := range []string{subject, oracle} {
		v, err := d.conns[i].Do("RESTORE", key, "0", payload, "REPLACE")
		require.NoError(d.t, err)
		require.Equal(d.t, "OK", v.Text, "side %d: %q", i, payload)
	}
}

func (d *differ) replies(line []string) (oracle, subject script.Value) {
	oracle, err := d.conns[0].Do(line...)
	require.NoError(d.t, err, "redis-server: %s", quoted(line))
	subject, err = d.conns[1].Do(line...)
	require.NoError(d.t, err, "Reside: %s", quoted(line))
	return oracle, subject
}

// compare reports replies that differ for no known reason, with the lines before
// that name the same keys.
func (d *differ) compare(line []string, oracle, subject script.Value) {
	d.sorts = d.sorts || strings.HasPrefix(strings.ToLower(line[0]), "sort")
	if strings.HasSuffix(oracle.Text, "can't be converted into double") && subject.Kind != '-' {
		d.over = true // Redis takes the error of a number parsed long before for one of its own
	}
	if d.bad || d.over || isDump(line) && oracle.Kind == subject.Kind || alike(line, oracle, subject) || d.sorts && ofSkiplist(line, oracle, subject) {
		return
	}
	d.bad = true
	d.t.Errorf("%s\n redis %s\nreside %s\n%s\n%s", quoted(line), oracle, subject, strings.Join(d.related(line), "\n"), d.values(line))
}

// ofSkiplist reports whether replies differ because a sorted set is a skiplist on the
// real server alone: in its encoding, or in the order and the form of what a scan
// shows.
func ofSkiplist(line []string, oracle, subject script.Value) bool {
	return oracle.Text == "skiplist" && subject.Text == "listpack" ||
		strings.EqualFold(line[0], "zscan") && oracle.Kind == '*' && subject.Kind == '*'
}

// values are those of the keys that the line names, in the real server.
func (d *differ) values(line []string) string {
	var text strings.Builder
	for _, k := range line[1:] {
		typ, err := d.conns[0].Do("TYPE", k)
		require.NoError(d.t, err)
		if typ.Kind == '+' && typ.Text != "none" {
			v, err := d.conns[0].Do(reading(typ.Text, k)...)
			require.NoError(d.t, err)
			fmt.Fprintf(&text, "%s: %s %s\n", k, typ.Text, v)
		}
	}
	return text.String()
}

// related are the last lines before that share a word, longer than a letter or
// two, with the line.
func (d *differ) related(line []string) []string {
	var lines []string
	for i := len(d.log) - 1; i >= 0 && len(lines) < 40; i-- {
		for _, w := range line[1:] {
			if len(w) > 3 && strings.Contains(d.log[i], w) {
				lines = append(lines, d.log[i])
				break
			}
		}
	}
	slices.Reverse(lines)
	return lines
}

// state compares all keys of the selected database.
func (d *differ) state() {
	keys, _ := d.send([]string{"KEYS", "*"})
	d.same("DBSIZE")
	for _, k := range keys.Kids {
		typ, _ := d.send([]string{"TYPE", k.Text})
		d.same(reading(typ.Text, k.Text)...)
		d.same("PTTL", k.Text)
		enc, enc2 := d.send([]string{"OBJECT", "ENCODING", k.Text})
		if typ.Text == "hash" && !d.bad {
			require.Equal(d.t, enc, enc2, k.Text)
		}
	}
}

// reading is the line that reads all of a value.
func reading(kind, key string) []string {
	switch kind {
	case "string":
		return []string{"GET", key}
	case "list":
		return []string{"LRANGE", key, "0", "-1"}
	case "set":
		return []string{"SMEMBERS", key}
	case "zset":
		return []string{"ZRANGE", key, "0", "-1", "WITHSCORES"}
	}
	return []string{"HGETALL", key}
}

func (l *liner) keyOf(rows []*command.Named) string {
	l.row = pick(l, rows)
	return l.key()
}

func quoted(line []string) string {
	words := make([]string, len(line))
	for i, w := range line {
		words[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(words, " ")
}
