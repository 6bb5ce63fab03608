package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
)

// selection are the keys that are asked for.
func (o *options) selection() store.Selection {
	s := store.Selection{Match: o.match}
	if o.kind != "" {
		s.Types = []store.Type{store.Type(o.kind)}
	}
	return s
}

// importDump reads a dump of Redis, and says what was left out of it.
func (o *options) importDump(ctx context.Context, s *store.Store, r io.Reader) error {
	report, err := s.Import(ctx, r, store.ImportOptions{
		Selection: o.selection(), Skip: o.skip, Progress: o.meter("read"),
	})
	o.endMeter()
	if err == nil {
		o.tell(report.Report)
	}
	return err
}

// tell says what was left out of a dump.
func (o *options) tell(report rdb.Report) {
	for _, skipped := range report.Skipped {
		fmt.Fprintf(o.log, "left out: %s, key %q of database %d\n", skipped.What, skipped.Key, skipped.DB)
	}
	for _, n := range []struct {
		what string
		n    int64
	}{{"more of this kind", report.SkippedMore}, {"keys whose time has come", report.Expired}, {"keys without an element", report.Empty}, {"idle times and use counts", report.Uses}} {
		if n.n > 0 {
			fmt.Fprintf(o.log, "left out: %d %s\n", n.n, n.what)
		}
	}
	if report.Unchecked {
		fmt.Fprintln(o.log, "the file has no checksum: damage may have gone unnoticed")
	}
}

// exportDump writes a dump of Redis.
func (o *options) exportDump(ctx context.Context, s *store.Store, w io.Writer) error {
	_, err := s.Export(ctx, w, store.ExportOptions{Selection: o.selection(), Compress: true, Progress: o.meter("written")})
	o.endMeter()
	return err
}

// meter shows how far it is, twice a second at most, when it takes long.
func (o *options) meter(what string) func(rdb.Report) {
	next := time.Now().Add(time.Second)
	return func(r rdb.Report) {
		if now := time.Now(); now.After(next) {
			next = now.Add(time.Second / 2)
			o.metered = true
			fmt.Fprintf(o.log, "\r%s: %d keys, %.1f MB", what, r.Keys, float64(r.Bytes)/1e6)
		}
	}
}

// endMeter ends the line.
func (o *options) endMeter() {
	if o.metered {
		fmt.Fprintln(o.log)
		o.metered = false
	}
}
