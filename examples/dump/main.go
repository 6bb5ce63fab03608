// Command dump turns dumps and append-only data of Redis, backups of Reside and lines of
// JSON into one another, and says what is in them:
//
//	dump convert dump.rdb lines.jsonl
//	dump convert appendonlydir store.backup
//	dump convert -match 'user:*' -type hash dump.rdb users.backup
//	dump summary -top 20 dump.rdb
//	dump diff    yesterday.rdb today.backup
//
// What a file is it sees by its first bytes when it reads it, or by its name: a directory,
// .manifest and .aof are append-only data. When it writes one, .rdb is a dump, .jsonl are
// lines, and everything else is a backup. "-" is standard input or, of lines of JSON,
// standard output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/residedb/reside/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dump:", err)
		os.Exit(1)
	}
}

// Errors of the program.
var (
	errUsage     = errors.New("usage: dump convert from to | summary file | diff one other; -h shows the options of each")
	errDifferent = errors.New("they differ")
)

// options are what the command line says.
type options struct {
	set       *flag.FlagSet
	match     string
	kind      string
	skip      bool
	databases int
	top       int
	in        io.Reader
	out, log  io.Writer
	metered   bool // a line of progress has begun
}

// run runs the program.
func run(ctx context.Context, args []string, in io.Reader, out, log io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	o := &options{set: flag.NewFlagSet(args[0], flag.ContinueOnError), in: in, out: out, log: log}
	o.flags()
	if err := o.set.Parse(args[1:]); err != nil {
		return err
	}
	switch files := o.set.Args(); {
	case args[0] == "convert" && len(files) == 2:
		return o.convert(ctx, files[0], files[1])
	case args[0] == "summary" && len(files) == 1:
		return o.summary(ctx, files[0])
	case args[0] == "diff" && len(files) == 2:
		return o.diff(ctx, files[0], files[1])
	}
	return errUsage
}

func (o *options) flags() {
	o.set.SetOutput(o.log)
	o.set.StringVar(&o.match, "match", "", "a `pattern` of keys, as KEYS takes it; others are left out")
	o.set.StringVar(&o.kind, "type", "", "the `type` of values; others are left out")
	o.set.BoolVar(&o.skip, "skip", false, "leave out what Reside does not have, such as streams, instead of failing")
	o.set.IntVar(&o.databases, "databases", 16, "how many databases there are")
	o.set.IntVar(&o.top, "top", 10, "how many of the biggest keys a summary shows")
}

// convert reads one file and writes the other.
func (o *options) convert(ctx context.Context, from, to string) error {
	s, err := o.load(ctx, from)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	return o.write(ctx, s, to)
}

// each calls f for the keys of all databases that are asked for.
func (o *options) each(ctx context.Context, s *store.Store, f func(db int, in *store.Store, key string) error) error {
	for db := range o.databases {
		in := s.Select(db)
		for key, err := range in.Scan(ctx, store.ScanOptions{Match: o.match, Type: store.Type(o.kind), Batch: 1000}) {
			if err == nil {
				err = f(db, in, key)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
