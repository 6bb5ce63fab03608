package bench

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/residedb/reside/internal/script"
)

// serverRun is one run of redis-benchmark: 50 clients on loopback.
type serverRun struct {
	pipeline int // commands that a client sends before it waits
	requests int
}

// serverTests are the tests of redis-benchmark that are run, in this order: RPOP finds
// what LPUSH has pushed.
const serverTests = "set,get,incr,lpush,rpop,sadd,hset,zadd,mset,lrange_100"

// listLength is how many elements the list of lrange_100 has. Left to itself,
// redis-benchmark pushes as many as it makes requests, which costs more than they do.
const listLength = 1000

// against runs a test of redis-benchmark on a server. It returns requests a second, and
// seconds of the server's processor time for a request.
func (r serverRun) against(s server, test string) (speed, spent float64, err error) {
	args := []string{"-t", test}
	if test == "lrange_100" {
		if _, err := (serverRun{16, listLength}).benchmark(s.port, "-t", "lpush"); err != nil {
			return 0, 0, err
		}
		args = []string{"LRANGE", "mylist", "0", "99"}
	}
	before := s.spent()
	speed, err = r.benchmark(s.port, args...)
	return speed, (s.spent() - before).Seconds() / float64(r.requests), err
}

// benchmark runs redis-benchmark for one test and returns requests a second.
func (r serverRun) benchmark(port int, args ...string) (float64, error) {
	var complaints bytes.Buffer
	args = append([]string{"-p", strconv.Itoa(port), "-c", "50", "-n", strconv.Itoa(r.requests),
		"-P", strconv.Itoa(r.pipeline), "-r", "100000", "--csv"}, args...)
	cmd := exec.Command("redis-benchmark", args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, complaints.String())
	}
	return requestRate(string(out))
}

// requestRate reads the CSV that redis-benchmark writes of one test.
func requestRate(text string) (float64, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return 0, err
	}
	if len(rows) != 2 {
		return 0, fmt.Errorf("bench: redis-benchmark told of %d tests, not one: %q", len(rows)-1, text)
	}
	return strconv.ParseFloat(rows[1][1], 64)
}

// The servers that are measured, in the order of the table. The bare one has no
// store: a goroutine for each connection reads commands and answers all of them
// alike, which is what a server on Go's runtime can reach.
const (
	redisServer = iota
	resideServer
	bareServer
	servers
)

// serverNames are the peers in the names of results.
func serverNames() [servers]string {
	return [servers]string{redisServer: redisPeer, resideServer: reside, bareServer: "bare"}
}

// server is a process that serves on loopback.
type server struct {
	port, pid int
}

// flush empties a server, so that no turn finds the lists of the one before.
func (s server) flush() error {
	c, err := script.Dial(fmt.Sprint("127.0.0.1:", s.port), 2)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Do("FLUSHALL")
	return err
}

// duel is what redis-benchmark found of the servers, which took turns.
type duel struct {
	serverRun
	tests []string
	speed [servers]map[string][]float64 // requests a second, by test
	spent [servers]map[string][]float64 // seconds of processor time a request
}

func newDuel(r serverRun) duel {
	d := duel{serverRun: r, tests: strings.Split(strings.ToUpper(serverTests), ",")}
	for i := range d.speed {
		d.speed[i], d.spent[i] = map[string][]float64{}, map[string][]float64{}
	}
	return d
}

// fight lets the servers take turns at each test.
func fight(r serverRun, list [servers]server, turns int) (duel, error) {
	d := newDuel(r)
	for range turns {
		for _, s := range list {
			if err := s.flush(); err != nil {
				return d, err
			}
		}
		for _, test := range d.tests {
			for i, s := range list {
				speed, spent, err := r.against(s, strings.ToLower(test))
				if err != nil {
					return d, err
				}
				d.speed[i][test] = append(d.speed[i][test], speed)
				d.spent[i][test] = append(d.spent[i][test], spent)
			}
		}
	}
	return d, nil
}

// samples are the turns as benchmark results.
func (d duel) samples() (all []sample) {
	for turn := range d.speed[0][d.tests[0]] {
		for _, test := range d.tests {
			for i := range d.speed {
				speed := d.speed[i][test][turn]
				all = append(all, sample{"Servers", d.keys(test, i), d.requests,
					[]value{{speed, "req/s"}, {d.spent[i][test][turn] * 1e9, "cpu-ns/op"}}})
			}
		}
	}
	return all
}

func (d duel) keys(test string, i int) []keyValue {
	return []keyValue{keyed("test", test), keyed("pipeline", strconv.Itoa(d.pipeline)), keyed("peer", serverNames()[i])}
}

// duelsOf is what results tell of the servers.
func duelsOf(r results) (all []duel) {
	for _, pipeline := range r.distinct("pipeline") {
		n, _ := strconv.Atoi(pipeline)
		d := newDuel(serverRun{pipeline: n})
		for _, test := range d.tests {
			for i := range d.speed {
				d.speed[i][test] = r.pick("req/s", d.keys(test, i)...)
				for _, ns := range r.pick("cpu-ns/op", d.keys(test, i)...) {
					d.spent[i][test] = append(d.spent[i][test], ns/1e9)
				}
			}
		}
		all = append(all, d)
	}
	return all
}

// ratio is the median, over the turns, of Reside's speed divided by another server's.
func (d duel) ratio(test string, other int) float64 {
	var all []float64
	for turn, speed := range d.speed[other][test] {
		all = append(all, d.speed[resideServer][test][turn]/speed)
	}
	return median(all)
}

// serverFloor is what the server's speed must be at least, in that of redis-server.
func (d duel) serverFloor() float64 {
	if d.pipeline == 1 {
		return 0.75
	}
	return 0.9
}

// bareFloor is what the server's speed must be at least, in that of the bare server,
// where the floor is out of reach for that one too.
const bareFloor = 0.9

// slow lists the tests in which the server is below its floor.
func (d duel) slow() (broken []string) {
	for _, test := range d.tests {
		if ratio := d.ratio(test, redisServer); ratio < d.serverFloor() && d.ratio(test, bareServer) < bareFloor {
			broken = append(broken, fmt.Sprintf("%s, pipelines of %d: %.2f times redis-server's speed", test, d.pipeline, ratio))
		}
	}
	return broken
}

// serverTable lays out duels in Markdown: thousands of requests a second, and in
// brackets how many times as fast Reside is; then the servers' processor time.
func serverTable(duels []duel) string {
	var b strings.Builder
	b.WriteString("| thousand requests a second | pipeline | Reside | redis-server | a bare server | Reside, CPU us | redis-server, CPU us | bare, CPU us |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	for _, d := range duels {
		for _, test := range d.tests {
			speed := func(i int) string { return figure("%.0f", median(d.speed[i][test])/1000) }
			cpu := func(i int) string { return figure("%.2f", median(d.spent[i][test])*1e6) }
			beside := func(i int) string { return speed(i) + figure(" (%.2f)", d.ratio(test, i)) }
			fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %s |\n", test, d.pipeline, speed(resideServer),
				beside(redisServer), beside(bareServer), cpu(resideServer), cpu(redisServer), cpu(bareServer))
		}
	}
	return b.String()
}
