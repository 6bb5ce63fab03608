package bench

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os/exec"
	"slices"
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

// The servers that are measured, in the order of the table. The bare one has no
// store: a goroutine for each connection reads commands and answers all of them
// alike, which is what a server on Go's runtime can reach.
const (
	redisServer = iota
	resideServer
	bareServer
	servers
)

// duel is what redis-benchmark found of the servers, which took turns.
type duel struct {
	serverRun
	tests []string
	speed [servers]map[string][]float64 // requests a second, by test
}

// fight lets the servers at the ports take turns.
func fight(r serverRun, ports [servers]int, turns int) (d duel, err error) {
	d.serverRun, d.tests = r, strings.Split(strings.ToUpper(serverTests), ",")
	for i := range d.speed {
		d.speed[i] = map[string][]float64{}
	}
	for range turns {
		for i, port := range ports {
			found, err := r.against(port)
			if err != nil {
				return d, err
			}
			for _, test := range d.tests {
				d.speed[i][test] = append(d.speed[i][test], found[test])
			}
		}
	}
	return d, nil
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
// brackets how many times as fast Reside is.
func serverTable(duels []duel) string {
	var b strings.Builder
	b.WriteString("| thousand requests a second | pipeline | Reside | redis-server | a bare server |\n|---|---|---|---|---|\n")
	for _, d := range duels {
		for _, test := range d.tests {
			cell := func(i int) string {
				return fmt.Sprintf("%.0f (%.2f)", median(slices.Clone(d.speed[i][test]))/1000, d.ratio(test, i))
			}
			fmt.Fprintf(&b, "| %s | %d | %.0f | %s | %s |\n", test, d.pipeline,
				median(slices.Clone(d.speed[resideServer][test]))/1000, cell(redisServer), cell(bareServer))
		}
	}
	return b.String()
}
