// Command backup looks after the directory of a store: it takes backups, checks and
// restores them, goes back to a point in time, and shows what a log has. It opens no store
// and takes no lock, so it works beside a program that has the store open, except that
// restore wants a directory of its own.
//
//	backup take    -dir data -o monday.backup
//	backup verify  -dir data
//	backup verify  monday.backup
//	backup restore -dir new monday.backup
//	backup past    -dir data -archive old -base monday.backup -time 2026-11-29T12:00:00Z -o noon.backup
//	backup log     -dir data -after 1000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "backup:", err)
		os.Exit(1)
	}
}

// errUsage: the command line is not one of those above.
var errUsage = errors.New("usage: backup take|verify|restore|past|log [-dir directory] ... [file]; -h shows the options of each")

// run runs the program. What it is asked for goes to out, progress to progress.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	o := &options{Meter: Meter{out: progress}}
	o.flags(args[0])
	if err := o.set.Parse(args[1:]); err != nil {
		return err
	}
	o.file = o.set.Arg(0)
	command, ok := map[string]func(context.Context, *options, io.Writer) error{
		"take": take, "verify": verify, "restore": restore, "past": past, "log": showLog,
	}[args[0]]
	if !ok || o.set.NArg() > 1 {
		return errUsage
	}
	defer o.end()
	return command(ctx, o, out)
}

// options are what the command line says.
type options struct {
	Meter
	set      *flag.FlagSet
	dir      string
	archive  string
	base     string
	output   string
	file     string
	position int64
	time     string
	after    int64
}

// flags declares those of a command.
func (o *options) flags(command string) {
	o.set = flag.NewFlagSet(command, flag.ContinueOnError)
	o.set.StringVar(&o.dir, "dir", "", "`directory` of the store")
	switch command {
	case "take":
		o.set.StringVar(&o.output, "o", "", "`file` to write")
	case "past":
		o.set.StringVar(&o.output, "o", "", "`file` to write")
		o.set.StringVar(&o.archive, "archive", "", "`directory` with older parts of the log")
		o.set.StringVar(&o.base, "base", "", "backup `file` to start from; by default the store's oldest snapshot")
		o.set.Int64Var(&o.position, "position", 0, "the `number` of the last transaction that is wanted")
		o.set.StringVar(&o.time, "time", "", "the `time` after which nothing is wanted, as 2026-11-29T12:00:00Z")
	case "log":
		o.set.Int64Var(&o.after, "after", 0, "`position` behind which records are shown")
	}
}
