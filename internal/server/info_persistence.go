package server

import (
	"time"

	"github.com/residedb/reside/internal/durable"
)

// infoPersistence has the fields of Redis, whose RDB file is the snapshot, and whose AOF
// is the log. What is about processes that Redis forks is 0.
func infoPersistence(r *report) {
	s := durable.Status{Position: r.tx.Position(), LastSave: r.c.srv.started, Save: never, Rewrite: never}
	s.Changes = s.Position
	var saveNext, rewriteNext bool
	var loaded int64
	if k := r.c.srv.keeper; k != nil {
		s = k.StatusAt(s.Position)
		saveNext, rewriteNext = k.Scheduled()
		if found := k.Found(); found.Snapshot != nil {
			loaded = found.Snapshot.Keys
		}
	}
	r.line("loading", 0)
	r.line("async_loading", 0)
	r.line("current_cow_peak", 0)
	r.line("current_cow_size", 0)
	r.line("current_cow_size_age", 0)
	r.line("current_fork_perc", "0.00")
	keys, total := s.Keys, s.Total
	if !s.Saving {
		keys, total = 0, 0
	}
	r.line("current_save_keys_processed", keys)
	r.line("current_save_keys_total", total)
	infoSnapshots(r, s, loaded)
	infoLog(r, s, saveNext || rewriteNext)
	r.line("module_fork_in_progress", 0)
	r.line("module_fork_last_cow_size", 0)
	if s.LogOn {
		infoLogSize(r, s, rewriteNext)
	}
}

var never = durable.Outcome{Took: -time.Millisecond}

func infoSnapshots(r *report, s durable.Status, loaded int64) {
	saving := s.Saving && !s.Rewriting
	r.line("rdb_changes_since_last_save", s.Changes)
	r.line("rdb_bgsave_in_progress", flag(saving))
	r.line("rdb_last_save_time", s.LastSave/1000)
	r.line("rdb_last_bgsave_status", okOrErr(s.Save.Err))
	r.line("rdb_last_bgsave_time_sec", inSeconds(s.Save.Took))
	r.line("rdb_current_bgsave_time_sec", current(saving, s.Begun))
	r.line("rdb_saves", s.Save.Count)
	r.line("rdb_last_cow_size", 0)
	r.line("rdb_last_load_keys_expired", 0)
	r.line("rdb_last_load_keys_loaded", loaded)
}

func infoLog(r *report, s durable.Status, scheduled bool) {
	r.line("aof_enabled", flag(s.LogOn))
	r.line("aof_rewrite_in_progress", flag(s.Rewriting))
	r.line("aof_rewrite_scheduled", flag(scheduled))
	r.line("aof_last_rewrite_time_sec", inSeconds(s.Rewrite.Took))
	r.line("aof_current_rewrite_time_sec", current(s.Rewriting, s.Begun))
	r.line("aof_last_bgrewrite_status", okOrErr(s.Rewrite.Err))
	r.line("aof_rewrites", s.Rewrite.Count)
	r.line("aof_rewrites_consecutive_failures", flag(s.Rewrite.Err != nil))
	r.line("aof_last_write_status", okOrErr(s.LogErr))
	r.line("aof_last_cow_size", 0)
}

func infoLogSize(r *report, s durable.Status, scheduled bool) {
	r.line("aof_current_size", s.LogSize+s.LogBase)
	r.line("aof_base_size", s.LogBase)
	r.line("aof_pending_rewrite", flag(scheduled))
	r.line("aof_buffer_length", s.Waiting)
	r.line("aof_pending_bio_fsync", flag(s.Written > s.Durable))
	r.line("aof_delayed_fsync", 0)
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

func okOrErr(err error) string {
	if err != nil {
		return "err"
	}
	return "ok"
}

// inSeconds is a time in whole seconds, -1 for none.
func inSeconds(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return int64(d / time.Second)
}

func current(is bool, d time.Duration) int64 {
	if !is {
		return -1
	}
	return inSeconds(d)
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
