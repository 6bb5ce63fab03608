package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/residedb/reside/store"
)

// load reads a file into a store in memory.
func (o *options) load(ctx context.Context, name string) (*store.Store, error) {
	s := store.New(store.Options{Databases: o.databases})
	read := o.readFile
	if isLog(name) {
		read = o.importLog
	}
	if err := read(ctx, s, name); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), s.Close())
	}
	return s, nil
}

// isLog reports whether it is append-only data of Redis, by its name.
func isLog(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir() || slices.Contains([]string{".aof", ".manifest"}, filepath.Ext(name))
}

// readFile reads a file of any kind.
func (o *options) readFile(ctx context.Context, s *store.Store, name string) (err error) {
	from := io.NopCloser(o.in)
	if name != "-" {
		if from, err = os.Open(name); err != nil {
			return err
		}
	}
	defer func() { _ = from.Close() }()
	in := bufio.NewReaderSize(from, 1<<16)
	begin, err := in.Peek(6)
	switch {
	case string(begin) == "RSNAP\n":
		err = s.Restore(ctx, in)
	case len(begin) >= 5 && string(begin[:5]) == "REDIS":
		err = o.importDump(ctx, s, in)
	case len(begin) == 0 && err == io.EOF || len(begin) > 0 && begin[0] == '{':
		err = o.readLines(ctx, s, in)
	default:
		err = errors.New("it is no dump of Redis, no backup and no lines of JSON")
	}
	return err
}

// write writes a store to a file of the kind that its name says. The file is there only if
// all of it is.
func (o *options) write(ctx context.Context, s *store.Store, name string) error {
	if name == "-" {
		return o.writeLines(ctx, s, o.out)
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // which is not there any more if all went well
	switch filepath.Ext(name) {
	case ".jsonl":
		err = o.writeLines(ctx, s, f)
	case ".rdb":
		err = o.exportDump(ctx, s, f)
	default:
		if err = o.drop(ctx, s); err == nil {
			_, err = s.Backup(ctx, f)
		}
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.Rename(f.Name(), name)
}

// drop deletes the keys that are not asked for.
func (o *options) drop(ctx context.Context, s *store.Store) error {
	if o.match == "" && o.kind == "" {
		return nil
	}
	wanted := map[int]map[string]bool{}
	err := o.each(ctx, s, func(db int, _ *store.Store, key string) error {
		if wanted[db] == nil {
			wanted[db] = map[string]bool{}
		}
		wanted[db][key] = true
		return nil
	})
	if err != nil {
		return err
	}
	for db := range o.databases {
		in := s.Select(db)
		for key, err := range in.Scan(ctx, store.ScanOptions{Batch: 1000}) {
			if err == nil && !wanted[db][key] {
				_, err = in.Delete(ctx, key)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
