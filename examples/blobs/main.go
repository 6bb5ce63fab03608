// Command blobs keeps a store in a blob store instead of files: a snapshotter and a log of
// its own, in some 200 lines. They are all that a store needs to be kept somewhere else,
// such as in object storage, a database, or another machine.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func main() {
	if err := run(context.Background(), new(Memory), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run writes to a store, and opens it again from what is in the bucket.
func run(ctx context.Context, bucket Bucket, out io.Writer) error {
	s, err := open(ctx, bucket)
	if err != nil {
		return err
	}
	visits := types.NewCounter(s, "visits")
	for range 3 {
		if _, err := visits.Incr(ctx); err != nil {
			return err
		}
	}
	if err := s.Save(ctx); err != nil {
		return err
	}
	if _, err := visits.Incr(ctx); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	names, err := bucket.List(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintln(out, name)
	}
	if s, err = open(ctx, bucket); err != nil {
		return err
	}
	n, _, err := types.NewCounter(s, "visits").Get(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, n, "visits")
	return s.Close()
}

// open opens the store that a bucket has.
func open(ctx context.Context, bucket Bucket) (*store.Store, error) {
	return store.OpenPlaces(ctx, store.Options{Durability: store.Durability{
		Snapshots: Snapshots{bucket}, Log: &Log{Bucket: bucket}, Sync: store.SyncAlways,
	}})
}
