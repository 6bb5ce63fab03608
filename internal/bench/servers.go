package bench

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// serverRun is one run of redis-benchmark: 50 clients on loopback.
type serverRun struct {
	pipeline int // commands that a client sends before it waits
	requests int
}

// serverTests are the tests of redis-benchmark that are run.
const serverTests = "set,get,incr,lpush,lpop,sadd,hset,zadd"

// against runs redis-benchmark and returns requests a second by test.
func (r serverRun) against(port int) (map[string]float64, error) {
	var complaints bytes.Buffer
	cmd := exec.Command("redis-benchmark", "-p", strconv.Itoa(port), "-c", "50", "-n", strconv.Itoa(r.requests),
		"-P", strconv.Itoa(r.pipeline), "-r", "100000", "-t", serverTests, "--csv")
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, complaints.String())
	}
	return speeds(string(out))
}

// speeds reads the CSV of redis-benchmark.
func speeds(text string) (map[string]float64, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for _, row := range rows[1:] {
		if all[row[0]], err = strconv.ParseFloat(row[1], 64); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// duel is what redis-benchmark found of two servers that took turns.
type duel struct {
	serverRun
	tests         []string
	redis, reside map[string][]float64 // requests a second, by test
}

// fight lets redis-server and Reside take turns.
func fight(r serverRun, redis, reside, turns int) (d duel, err error) {
	d = duel{r, strings.Split(strings.ToUpper(serverTests), ","), map[string][]float64{}, map[string][]float64{}}
	for range turns {
		for _, side := range []struct {
			port int
			all  map[string][]float64
		}{{redis, d.redis}, {reside, d.reside}} {
			found, err := r.against(side.port)
			if err != nil {
				return d, err
			}
			for _, test := range d.tests {
				side.all[test] = append(side.all[test], found[test])
			}
		}
	}
	return d, nil
}

// ratio is the median, over the turns, of Reside's speed divided by redis-server's.
func (d duel) ratio(test string) float64 {
	var all []float64
	for turn, redis := range d.redis[test] {
		all = append(all, d.reside[test][turn]/redis)
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

// slow lists the tests in which the server is below its floor.
func (d duel) slow() (broken []string) {
	for _, test := range d.tests {
		if ratio := d.ratio(test); ratio < d.serverFloor() {
			broken = append(broken, fmt.Sprintf("%s, pipelines of %d: %.2f times redis-server's speed", test, d.pipeline, ratio))
		}
	}
	return broken
}

// serverTable lays out duels in Markdown: thousands of requests a second.
func serverTable(duels []duel) string {
	var b strings.Builder
	b.WriteString("| thousand requests a second | pipeline | redis-server | Reside | ratio |\n|---|---|---|---|---|\n")
	for _, d := range duels {
		for _, test := range d.tests {
			fmt.Fprintf(&b, "| %s | %d | %.0f | %.0f | %.2f |\n", test, d.pipeline,
				median(d.redis[test])/1000, median(d.reside[test])/1000, d.ratio(test))
		}
	}
	return b.String()
}
