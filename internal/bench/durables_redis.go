package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/residedb/reside/internal/script"
)

// redisPlace is a redis-server of a directory.
type redisPlace struct {
	dir  string
	port int
	cmd  *exec.Cmd
}

// startRedisIn starts a redis-server and waits until it has loaded what there is.
func startRedisIn(dir string, port int, logged bool) *redisPlace {
	return startRedisSynced(dir, port, logged, "no")
}

func startRedisSynced(dir string, port int, logged bool, synced string) *redisPlace {
	log, err := os.OpenFile(filepath.Join(dir, "server.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	done(err)
	cmd := exec.Command("redis-server", "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--dir", dir,
		"--appendonly", map[bool]string{true: "yes", false: "no"}[logged], "--appendfsync", synced, "--auto-aof-rewrite-percentage", "0")
	cmd.Stdout = log
	done(cmd.Start())
	done(log.Close())
	r := &redisPlace{dir, port, cmd}
	for r.do("PING").Text != "PONG" {
		time.Sleep(time.Millisecond)
	}
	return r
}

// do runs one command; the zero value comes while nobody listens.
func (r *redisPlace) do(words ...string) (v script.Value) {
	c, err := script.Dial(fmt.Sprint("127.0.0.1:", r.port), 2)
	if err != nil {
		return v
	}
	defer c.Close()
	v, _ = c.Do(words...)
	return v
}

func (r *redisPlace) stop() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// loadTime is how long redis-server says that loading took, in milliseconds.
func (r *redisPlace) loadTime() float64 {
	log, err := os.ReadFile(filepath.Join(r.dir, "server.log"))
	done(err)
	all := loadedLine.FindAllSubmatch(log, -1)
	if all == nil {
		panic("bench: redis-server does not say how long loading took")
	}
	total := 0.0
	for _, m := range all { // the files of a log are told of one by one
		seconds, err := strconv.ParseFloat(string(m[1]), 64)
		done(err)
		total += seconds
	}
	return total * 1000
}

var loadedLine = regexp.MustCompile(`DB loaded from .*: ([0-9.]+) seconds`)

// fill sets all keys.
func (r *redisPlace) fill(k kept) {
	c, err := dialRedis(fmt.Sprint("127.0.0.1:", r.port))
	done(err)
	for i := range k.n {
		c.send("SET", k.keys.at(i), k.value(i))
	}
	c.memory() // waits
	done(c.Close())
}

// measureRedis measures a redis-server, once.
func (k kept) measureRedis(dir string, port int) (all []sample) {
	add := func(work string, v float64, unit string) {
		all = append(all, durableSample(work, k.n, redisPeer, v, unit))
	}
	dir = fresh(dir, redisPeer)
	r := startRedisIn(dir, port, false)
	r.fill(k)
	save := ms(func() { r.do("SAVE") })
	add("save", save, "ms")
	add("write an RDB file", save, "ms")
	add("snapshot", float64(sizeOf(dir, "dump.rdb"))/1e6, "MB")
	r.stop()
	r = startRedisIn(dir, port, false)
	add("load", r.loadTime(), "ms")
	add("read an RDB file", r.loadTime(), "ms")
	r.stop()

	dir = fresh(dir, "log")
	r = startRedisIn(dir, port, true)
	r.fill(k)
	time.Sleep(100 * time.Millisecond) // its cron writes what is left
	r.stop()
	r = startRedisIn(dir, port, true)
	add("recover from the log", r.loadTime(), "ms")
	add("rewrite the log", ms(func() {
		r.do("BGREWRITEAOF")
		for r.rewriting() {
			time.Sleep(time.Millisecond)
		}
	}), "ms")
	r.stop()
	return all
}

var rewritingLine = regexp.MustCompile(`aof_rewrite_(in_progress|scheduled):1`)

func (r *redisPlace) rewriting() bool {
	return rewritingLine.MatchString(r.do("INFO", "persistence").Text)
}
