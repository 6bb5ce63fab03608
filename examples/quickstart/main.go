// Command quickstart answers questions about a package manager's log with a
// Reside store: which packages were touched, which were the busiest, what was
// installed first, and for how long it all took.
//
//	go run ./examples/quickstart             # the log that ships with it
//	go run ./examples/quickstart dpkg.log    # yours
//
// It uses all five types: a string for times, a list for an order, sets for
// "which", a sorted set for a ranking, a hash for counts by name.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/residedb/reside/store"
)

//go:embed dpkg.log
var shipped string

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run reads the log, the shipped one unless a file is named, and prints what it
// finds out.
func run(ctx context.Context, out io.Writer, args []string) error {
	text := shipped
	if len(args) > 0 {
		b, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		text = string(b)
	}
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	j := newJournal(s)
	if err := j.read(ctx, strings.NewReader(text)); err != nil {
		return err
	}
	a, err := j.answer(ctx)
	if err != nil {
		return err
	}
	a.print(out)
	return nil
}
