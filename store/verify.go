package store

import (
	"context"
	"fmt"
	"os"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/persist/snapshot"
)

// Verification says what the files of a store's directory have.
type Verification struct {
	Snapshots []VerifiedSnapshot // the newest one last
	Segments  []appendlog.Report // of the log, in order
	Position  int64              // that a store opened there would have
}

// VerifiedSnapshot is a snapshot that was checked.
type VerifiedSnapshot struct {
	Name string
	Size int64 // bytes of the file
	snapshot.Report
	Err error // what is wrong with it, nil for nothing
}

// Verify reads every file of a store's directory and checks all of it, without opening the
// store or changing anything. The error is one that Open would return, such as a
// *persist.DamageError with file and offset: an old snapshot that is damaged is no
// hindrance to opening, and told of in Verification alone. The store may be open meanwhile;
// the end of its log may look torn then. O(size of the files).
func Verify(ctx context.Context, dir string) (Verification, error) {
	var v Verification
	if _, err := os.Stat(dir); err != nil {
		return v, err
	}
	newest, err := v.snapshots(ctx, dir)
	if err != nil {
		return v, err
	}
	v.Position = newest.Position
	v.Segments, err = appendlog.Verify(ctx, os.DirFS(dir), newest.History, newest.Position)
	for _, s := range v.Segments {
		v.Position = max(v.Position, s.Last)
	}
	return v, err
}

// snapshots checks the snapshots, and returns what the newest one is of.
func (v *Verification) snapshots(ctx context.Context, dir string) (newest persist.Snapshot, err error) {
	all, err := snapshot.At(dir, snapshot.Options{})
	if err != nil {
		return newest, err
	}
	files, err := all.List()
	if err != nil {
		return newest, err
	}
	for _, f := range files {
		if f.Unfinished {
			continue
		}
		s := VerifiedSnapshot{Name: f.Name, Size: f.Size}
		s.Report, s.Err = all.Verify(ctx, f.Name)
		if ctx.Err() != nil {
			return newest, ctx.Err()
		}
		v.Snapshots = append(v.Snapshots, s)
		newest, err = s.About, s.Err
	}
	if err != nil {
		err = fmt.Errorf("the newest snapshot: %w", err)
	}
	return newest, err
}
