package main

import (
	"context"
	"fmt"

	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/store"
)

// importLog replays append-only data of Redis, and says what was left out of it.
func (o *options) importLog(ctx context.Context, s *store.Store, path string) error {
	report, err := s.ImportAOF(ctx, path, store.AOFOptions{Options: aof.Options{Skip: o.skip}, Selection: o.selection()})
	if err != nil {
		return err
	}
	if report.Snapshot != nil {
		o.tell(*report.Snapshot)
	}
	for _, skipped := range report.Skipped {
		fmt.Fprintf(o.log, "left out: %s, %d times, at first at offset %d of %s\n", skipped.Name, skipped.Times, skipped.First.Offset, skipped.First.File)
	}
	if report.Cut != nil {
		fmt.Fprintln(o.log, "left out:", report.Cut)
	}
	return nil
}
