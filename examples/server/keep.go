package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// keepFlags say where and how the store is kept, with redis-server's names.
type keepFlags struct {
	dir   string // "" for a store in memory only
	asked bool   // for something that needs a directory
}

// define defines the flags. But for the directory they are set in d.
func (k *keepFlags) define(f *flag.FlagSet, d *store.Durability) {
	f.StringVar(&k.dir, "dir", "", "`directory` that the store is kept in, made if need be; in memory only if empty")
	needsDir := func(name, usage string, set func(string) error) {
		f.Func(name, usage, func(s string) error {
			k.asked = true
			return set(s)
		})
	}
	needsDir("appendonly", "whether every write goes to a log: `yes or no`; yes by default", func(s string) error {
		if s != "yes" && s != "no" {
			return errors.New("it is yes or no")
		}
		d.NoLog = s == "no"
		return nil
	})
	needsDir("appendfsync", "when the log is synced: `everysec, always or no`; everysec by default",
		func(s string) error { return d.Sync.UnmarshalText([]byte(s)) })
	needsDir("save", "`rules` for snapshots, as \"3600 1 300 100 60 10000\", which is the default without a log; none if empty",
		func(s string) (err error) {
			d.Save, err = resp.ParseSave(s)
			return err
		})
}

// open opens the store, and tells how that goes.
func (k *keepFlags) open(ctx context.Context, o store.Options, out io.Writer) (*store.Store, error) {
	if k.dir == "" {
		if k.asked {
			return nil, errors.New("-appendonly, -appendfsync and -save need -dir, which says where")
		}
		return store.New(o), nil
	}
	began := time.Now()
	o.Durability.Progress = progress(out, began)
	s, err := store.OpenContext(ctx, k.dir, o)
	if err != nil {
		return nil, err
	}
	tell(out, s.Recovered(), time.Since(began))
	return s, nil
}

// progress tells of a long loading once a second.
func progress(out io.Writer, began time.Time) func(store.Progress) {
	next := began.Add(time.Second)
	return func(p store.Progress) {
		now := time.Now()
		if now.Before(next) {
			return
		}
		next = now.Add(time.Second)
		if p.Total > 0 && p.Done < p.Total {
			fmt.Fprintf(out, "Loading the %s: %d of %d keys (%d%%)\n", p.Phase, p.Done, p.Total, 100*p.Done/p.Total)
		} else {
			fmt.Fprintf(out, "Loading the %s: %d so far\n", p.Phase, p.Done)
		}
	}
}

// tell tells what the store was opened with, if that was anything.
func tell(out io.Writer, r store.Recovered, took time.Duration) {
	var keys int64
	if r.Snapshot != nil {
		keys = r.Snapshot.Keys
	}
	if r.Snapshot != nil || r.Log.Records > 0 {
		fmt.Fprintf(out, "Loaded a snapshot of %d keys and %d transactions behind it in %v\n", keys, r.Log.Records, took.Round(time.Millisecond))
	}
	if r.Log.Torn > 0 {
		fmt.Fprintf(out, "The log's end was torn: %d bytes behind transaction %d were cut off\n", r.Log.Torn, r.Log.Position)
	}
}
