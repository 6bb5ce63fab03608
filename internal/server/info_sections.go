package server

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/residedb/reside/internal/engine"
)

func infoServer(r *report) {
	s := r.c.srv
	uptime := (s.eng.Now() - s.started) / 1000
	r.line("redis_version", RedisVersion)
	r.line("redis_git_sha1", "00000000")
	r.line("redis_git_dirty", 0)
	r.line("redis_build_id", "0")
	r.line("redis_mode", "standalone")
	r.line("reside_version", Version)
	r.line("os", runtime.GOOS+" "+runtime.GOARCH)
	r.line("arch_bits", strconv.IntSize)
	r.line("go_version", runtime.Version())
	r.line("process_id", os.Getpid())
	r.line("run_id", s.runID)
	r.line("tcp_port", r.c.port())
	r.line("server_time_usec", s.eng.Clock().Now().UnixMicro())
	r.line("uptime_in_seconds", uptime)
	r.line("uptime_in_days", uptime/86400)
	r.line("hz", 10)
	r.line("configured_hz", 10)
	r.line("lru_clock", r.tx.Now()/1000&(1<<24-1))
	r.line("executable", "")
	r.line("config_file", "")
	r.line("io_threads_active", 0)
}

func infoClients(r *report) {
	s := r.c.srv
	clients := s.clients()
	var maxIn, maxOut int64
	for _, c := range clients {
		maxIn = max(maxIn, c.space.Load())
		maxOut = max(maxOut, c.box.waiting.Load())
	}
	r.line("connected_clients", len(clients))
	r.line("cluster_connections", 0)
	r.line("maxclients", s.settings.Load().maxClients)
	r.line("client_recent_max_input_buffer", maxIn)
	r.line("client_recent_max_output_buffer", maxOut)
	r.line("blocked_clients", r.tx.Stats().Waiting)
	r.line("tracking_clients", r.tx.TrackStats().Clients)
	r.line("clients_in_timeout_table", 0)
}

func infoMemory(r *report) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	cfg, data := r.c.srv.eng.Config(), r.c.srv.eng.Memory()
	human := func(name string, n int64) {
		r.line(name, n)
		r.line(name+"_human", humanBytes(n))
	}
	human("used_memory", int64(m.HeapAlloc))
	human("used_memory_rss", int64(m.Sys))
	human("used_memory_peak", int64(m.HeapSys))
	r.line("used_memory_overhead", max(int64(m.HeapAlloc)-data, 0))
	r.line("used_memory_startup", 0)
	r.line("used_memory_dataset", data)
	human("total_system_memory", int64(m.Sys))
	human("maxmemory", cfg.MaxMemory)
	r.line("maxmemory_policy", cfg.Policy)
	r.line("allocator_allocated", m.HeapAlloc)
	r.line("allocator_active", m.HeapInuse)
	r.line("allocator_resident", m.HeapSys)
	r.line("mem_fragmentation_ratio", fmt.Sprintf("%.2f", float64(m.Sys)/float64(max(m.HeapAlloc, 1))))
	r.line("mem_allocator", "go")
	r.line("active_defrag_running", 0)
	r.line("lazyfree_pending_objects", 0)
	r.line("lazyfreed_objects", 0)
}

// humanBytes is a size for people, as Redis writes it.
func humanBytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%dB", n)
	}
	f := float64(n)
	for _, unit := range []string{"K", "M", "G", "T"} {
		if f /= 1024; f < 1024 {
			return fmt.Sprintf("%.2f%s", f, unit)
		}
	}
	return fmt.Sprintf("%.2fP", f/1024)
}

func infoStats(r *report) {
	st, e := &r.c.srv.stats, r.tx.Stats()
	r.line("total_connections_received", st.connections.Load())
	r.line("total_commands_processed", st.total(func(c *commandStats) *atomic.Int64 { return &c.calls }))
	r.line("total_net_input_bytes", st.received.Load())
	r.line("total_net_output_bytes", st.sent.Load())
	r.line("rejected_connections", st.rejected.Load())
	r.line("expired_keys", e.Expired)
	r.line("evicted_keys", e.Evicted)
	r.line("keyspace_hits", e.Hits)
	r.line("keyspace_misses", e.Misses)
	r.line("pubsub_channels", 0)
	r.line("pubsub_patterns", 0)
	r.line("latest_fork_usec", 0)
	r.line("total_forks", 0)
	t := r.tx.TrackStats()
	r.line("tracking_total_keys", t.Keys)
	r.line("tracking_total_items", t.Items)
	r.line("tracking_total_prefixes", t.Prefixes)
	r.line("total_error_replies", st.errorReplies())
}

// roleOf is what Redis calls the part that a server plays.
func roleOf(e *engine.Engine) string {
	if e.Replica() {
		return "slave"
	}
	return "master"
}

func infoReplication(r *report) {
	r.line("role", roleOf(r.c.srv.eng))
	r.line("connected_slaves", 0)
	r.line("master_failover_state", "no-failover")
	r.line("master_replid", r.c.srv.runID)
	r.line("master_replid2", "0000000000000000000000000000000000000000")
	r.line("master_repl_offset", 0)
	r.line("second_repl_offset", -1)
	r.line("repl_backlog_active", 0)
	r.line("repl_backlog_size", 1048576)
	r.line("repl_backlog_first_byte_offset", 0)
	r.line("repl_backlog_histlen", 0)
}

func infoCommandStats(r *report) {
	for i, named := range r.c.srv.table.All() {
		st := &r.c.srv.stats.commands[i]
		calls, micros := st.calls.Load(), st.nanos.Load()/1000
		if calls == 0 && st.rejected.Load() == 0 {
			continue
		}
		r.line("cmdstat_"+named.Meta().Name, fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			calls, micros, float64(micros)/float64(max(calls, 1)), st.rejected.Load(), st.failed.Load()))
	}
}

func infoErrorStats(r *report) {
	st := &r.c.srv.stats
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, code := range slices.Sorted(maps.Keys(st.errors)) {
		r.line("errorstat_"+code, fmt.Sprintf("count=%d", st.errors[code]))
	}
}

func infoKeyspace(r *report) {
	for db := range r.c.srv.eng.Databases() {
		if k := r.tx.Keyspace(db); k.Keys > 0 {
			r.line(fmt.Sprintf("db%d", db), fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d", k.Keys, k.Volatile, k.AvgTTL))
		}
	}
}
