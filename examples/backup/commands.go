package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/persist/snapshot"
	"github.com/residedb/reside/store"
)

// take writes a backup of all that the files of a directory have.
func take(ctx context.Context, o *options, out io.Writer) error {
	if o.dir == "" || o.output == "" || o.file != "" {
		return errUsage
	}
	v, err := store.Verify(ctx, o.dir)
	if err != nil {
		return err
	}
	if v.Position == 0 {
		return errors.New("the store is empty")
	}
	o.position = v.Position
	return past(ctx, o, out)
}

// verify checks a directory or a backup.
func verify(ctx context.Context, o *options, out io.Writer) error {
	if (o.dir == "") == (o.file == "") {
		return errUsage
	}
	if o.file != "" {
		return verifyFile(ctx, o, out)
	}
	v, err := store.Verify(ctx, o.dir)
	for _, s := range v.Snapshots {
		fmt.Fprintf(out, "%s  position %d, %d keys, %d bytes%s\n", s.Name, s.About.Position, s.About.Keys, s.Size, problem(s.Err))
	}
	for _, s := range v.Segments {
		var damage error
		if s.Damage != nil {
			damage = s.Damage
		}
		fmt.Fprintf(out, "%s  positions %d to %d, %d bytes, %d torn at the end%s\n", s.Name, s.Position+1, s.Last, s.Bytes, s.Torn, problem(damage))
	}
	if err == nil {
		fmt.Fprintf(out, "all is well, up to position %d\n", v.Position)
	}
	return err
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

func verifyFile(ctx context.Context, o *options, out io.Writer) error {
	f, err := os.Open(o.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r, err := snapshot.Verify(ctx, meteredReader{f, &o.Meter}, snapshot.Options{Name: filepath.Base(o.file)})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "all is well: position %d, %d keys, taken %s\n", r.About.Position, r.About.Keys, time.UnixMilli(r.About.Clock).UTC().Format(time.RFC3339))
	return nil
}

// restore makes a store of a backup.
func restore(ctx context.Context, o *options, out io.Writer) error {
	if o.dir == "" || o.file == "" {
		return errUsage
	}
	if files, err := os.ReadDir(o.dir); err == nil && len(files) > 0 {
		return fmt.Errorf("%s is not empty", o.dir)
	}
	f, err := os.Open(o.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	s, err := store.OpenContext(ctx, o.dir, store.Options{})
	if err != nil {
		return err
	}
	if err := s.Restore(ctx, meteredReader{f, &o.Meter}); err != nil {
		return errors.Join(err, s.Close())
	}
	fmt.Fprintln(out, "restored", s.KeptStatus().Keys, "keys")
	return s.Close()
}

// past writes a backup of what a store was at a point of its past.
func past(ctx context.Context, o *options, out io.Writer) error {
	if o.output == "" || o.file != "" {
		return errUsage
	}
	to := store.Point{Position: o.position}
	if o.time != "" {
		at, err := time.Parse(time.RFC3339, o.time)
		if err != nil {
			return err
		}
		to.Time = at
	}
	base, err := o.openBase()
	if err != nil {
		return err
	}
	var r io.Reader
	if base != nil {
		defer func() { _ = base.Close() }()
		r = meteredReader{base, &o.Meter}
	}
	s, err := store.OpenPast(ctx, r, to, store.Options{}, o.logs()...)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	position, err := o.write(ctx, s)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s has position %d\n", o.output, position)
	return nil
}

// openBase opens the backup to start from, or the oldest snapshot of the directory, if it
// is not too late; nil if there is none.
func (o *options) openBase() (io.ReadCloser, error) {
	if o.base != "" {
		return os.Open(o.base)
	}
	if o.dir == "" {
		return nil, nil
	}
	all, err := snapshot.At(o.dir, snapshot.Options{})
	if err != nil {
		return nil, err
	}
	files, err := all.List()
	if err != nil {
		return nil, err
	}
	for _, f := range files { // the oldest one first
		if !f.Unfinished && (o.position == 0 || f.Position <= o.position) {
			return os.Open(filepath.Join(o.dir, f.Name))
		}
	}
	return nil, nil
}

// logs are the folders that have parts of the log.
func (o *options) logs() (all []fs.FS) {
	for _, dir := range []string{o.archive, o.dir} {
		if dir != "" {
			all = append(all, os.DirFS(dir))
		}
	}
	return all
}

// write writes a backup, which is there whole or not at all.
func (o *options) write(ctx context.Context, s *store.Store) (position int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(o.output), filepath.Base(o.output)+".*.tmp")
	if err != nil {
		return 0, err
	}
	position, err = s.Backup(ctx, meteredWriter{f, &o.Meter})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), o.output)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(f.Name()))
	}
	return position, nil
}

// showLog shows the records of a log.
func showLog(ctx context.Context, o *options, out io.Writer) error {
	if o.dir == "" || o.file != "" {
		return errUsage
	}
	v, err := appendlog.Verify(ctx, os.DirFS(o.dir), "", 0)
	if err != nil && len(v) == 0 {
		return err
	}
	for _, segment := range v {
		if _, err := appendlog.Dump(ctx, os.DirFS(o.dir), segment.Name, func(e appendlog.Entry) error {
			if e.Position <= o.after {
				return nil
			}
			return show(out, segment.Name, e)
		}); err != nil {
			return err
		}
	}
	return nil
}

func show(out io.Writer, file string, e appendlog.Entry) error {
	fmt.Fprintf(out, "%s:%d  %d  %s\n", file, e.Offset, e.Position, time.UnixMilli(e.Clock).UTC().Format("2006-01-02T15:04:05.000Z"))
	lines, err := persist.Describe(e.Effects)
	for _, line := range lines {
		fmt.Fprintln(out, "   ", line)
	}
	return err
}
