package snapshot_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/snapshot"
)

// A snapshot is written to any stream, and checked.
func Example() {
	var backup bytes.Buffer // or a file, a connection, an object in a blob store
	w, err := snapshot.NewWriter(&backup, persist.Snapshot{Position: 1700, Keys: 2, Parts: 1}, snapshot.Options{})
	if err != nil {
		panic(err)
	}
	if err := w.Write(persist.Chunk{Part: 0, Keys: 2, Effects: []byte("what makes two keys")}); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}

	report, err := snapshot.Verify(context.Background(), bytes.NewReader(backup.Bytes()), snapshot.Options{})
	fmt.Println(report.About.Position, report.Counts.Keys, err)

	backup.Bytes()[100] ^= 1
	_, err = snapshot.Verify(context.Background(), &backup, snapshot.Options{Name: "backup"})
	fmt.Println(err)
	// Output:
	// 1700 2 <nil>
	// persist: backup is damaged at offset 52: the checksum of a frame does not match
}
