package server

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

func memoryInfo(name string, flags command.Flags, summary string) command.Info {
	return command.Info{Name: "memory|" + name, Group: "server", Since: "4.0.0", Flags: flags, Summary: summary}
}

func memoryRows() []command.Command {
	return []command.Command{
		define(memoryInfo("doctor", 0, "Looks for problems with memory."), (*command.NoArgs).Walk, (*conn).memoryDoctor, &verbatim),
		define(memoryInfo("stats", command.WholeStore, "Tells what memory is used for."), (*command.NoArgs).Walk, (*conn).memoryStats, &writeItself),
		define(memoryInfo("purge", 0, "Gives unused memory back to the system."), (*command.NoArgs).Walk,
			func(*conn, command.NoArgs) (r reply.None, err error) {
				debug.FreeOSMemory()
				return r, nil
			}, &reply.OK),
		define(memoryInfo("malloc-stats", 0, "Returns the allocator's own statistics."), (*command.NoArgs).Walk, allocatorStats, &verbatim),
		define(memoryInfo("help", command.Loading|command.Stale, "Lists the subcommands."), (*command.NoArgs).Walk,
			func(*conn, command.NoArgs) ([]string, error) {
				return command.Help("MEMORY",
					"DOCTOR", "    Return memory problems reports.",
					"MALLOC-STATS", "    Return internal statistics report from the memory allocator.",
					"PURGE", "    Attempt to purge dirty pages for reclamation by the allocator.",
					"STATS", "    Return information about the memory usage of the server.",
					"USAGE <key> [SAMPLES <count>]", "    Return memory in bytes used by <key> and its value. Nested values are",
					"    sampled up to <count> times (default: 5, 0 means sample all)."), nil
			}, &reply.Lines),
	}
}

// memoryStat is a field of MEMORY STATS.
type memoryStat struct {
	name  string
	value any // int64 or float64
}

func (c *conn) memoryStats(command.NoArgs) (written, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	data := c.srv.eng.Memory()
	total, overhead := int64(m.HeapAlloc), max(int64(m.HeapAlloc)-data, 0)
	stats := []memoryStat{
		{"peak.allocated", int64(m.HeapSys)}, {"total.allocated", total}, {"startup.allocated", int64(0)},
		{"replication.backlog", int64(0)}, {"clients.slaves", int64(0)}, {"clients.normal", c.clientMemory()},
		{"cluster.links", int64(0)}, {"aof.buffer", int64(0)}, {"lua.caches", int64(0)}, {"functions.caches", int64(0)},
	}
	var keys int64
	perDB := map[int]engine.Keyspace{}
	c.whole(func(tx *engine.Tx) {
		for db := range c.srv.eng.Databases() {
			if k := tx.Keyspace(db); k.Keys > 0 {
				perDB[db] = k
				keys += k.Keys
			}
		}
	})
	ratio := float64(m.Sys) / float64(max(total, 1))
	tail := []memoryStat{
		{"overhead.total", overhead}, {"keys.count", keys}, {"keys.bytes-per-key", data / max(keys, 1)},
		{"dataset.bytes", data}, {"dataset.percentage", 100 * float64(data) / float64(max(total, 1))},
		{"peak.percentage", 100 * float64(total) / float64(max(int64(m.HeapSys), 1))},
		{"allocator.allocated", total}, {"allocator.active", int64(m.HeapInuse)}, {"allocator.resident", int64(m.HeapSys)},
		{"fragmentation", ratio}, {"fragmentation.bytes", int64(m.Sys) - total},
	}
	return func(w *wire.Writer) {
		w.Map(len(stats) + len(perDB) + len(tail))
		putStats(w, stats)
		for db := range c.srv.eng.Databases() {
			if k, ok := perDB[db]; ok {
				w.BulkString("db." + strconv.Itoa(db))
				w.Map(2)
				putStats(w, []memoryStat{{"overhead.hashtable.main", k.Keys * engine.EntryOverhead}, {"overhead.hashtable.expires", k.Volatile * 8}})
			}
		}
		putStats(w, tail)
	}, nil
}

func putStats(w *wire.Writer, stats []memoryStat) {
	for _, s := range stats {
		w.BulkString(s.name)
		switch v := s.value.(type) {
		case int64:
			w.Int(v)
		case float64:
			w.Double(v)
		}
	}
}

// clientMemory is what the buffers of all clients take.
func (c *conn) clientMemory() (n int64) {
	for _, target := range c.srv.clients() {
		n += target.space.Load() + target.box.waiting.Load()
	}
	return n
}

// memoryDoctor looks at what an operator could do something about.
func (c *conn) memoryDoctor(command.NoArgs) (string, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	cfg, data := c.srv.eng.Config(), c.srv.eng.Memory()
	var b bytes.Buffer
	if cfg.MaxMemory > 0 && data > cfg.MaxMemory/10*9 {
		fmt.Fprintf(&b, " * The keys take %s of the %s that maxmemory allows (policy %s).\n", humanBytes(data), humanBytes(cfg.MaxMemory), cfg.Policy)
	}
	if idle := int64(m.HeapIdle - m.HeapReleased); idle > 64<<20 && idle > int64(m.HeapInuse) {
		fmt.Fprintf(&b, " * %s of the heap lie idle; MEMORY PURGE gives them back to the system.\n", humanBytes(idle))
	}
	if n := c.clientMemory(); n > 64<<20 {
		fmt.Fprintf(&b, " * The buffers of the clients take %s.\n", humanBytes(n))
	}
	if b.Len() == 0 {
		return "No problems with memory were found.\n", nil
	}
	return "Problems with memory:\n" + b.String(), nil
}

// allocatorStats is the Go runtime's own account of the heap.
func allocatorStats(*conn, command.NoArgs) (string, error) {
	var b bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&b, 1); err != nil {
		return "", err
	}
	_, stats, _ := bytes.Cut(b.Bytes(), []byte("# runtime.MemStats"))
	return "# runtime.MemStats" + string(stats), nil
}
