package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/residedb/reside/store"
)

// group is what keys have in common that are counted together.
type group struct {
	name        string
	keys, bytes int64
}

// groups counts keys by a name, in the order in which names came.
type groups []group

func (g *groups) add(name string, bytes int64) {
	i := slices.IndexFunc(*g, func(x group) bool { return x.name == name })
	if i < 0 {
		i = len(*g)
		*g = append(*g, group{name: name})
	}
	(*g)[i].keys++
	(*g)[i].bytes += bytes
}

// big is one of the biggest keys.
type big struct {
	db    int
	key   string
	kind  store.Type
	bytes int64
}

// summarized is what a summary says.
type summarized struct {
	byType, byTime groups
	biggest        []big
	all            group
}

// lives are the classes of the time that is left to keys.
var lives = []struct {
	name string
	most time.Duration
}{
	{"for ever", 0}, {"a minute", time.Minute}, {"an hour", time.Hour}, {"a day", 24 * time.Hour},
	{"a week", 7 * 24 * time.Hour}, {"30 days", 30 * 24 * time.Hour}, {"longer", 1<<63 - 1},
}

// classOf is the class of a key that lives for so long.
func classOf(left time.Duration, ends bool) string {
	for _, l := range lives {
		if ends == (l.most > 0) && left <= l.most {
			return l.name
		}
	}
	return ""
}

// summary shows what a file has.
func (o *options) summary(ctx context.Context, file string) error {
	s, err := o.load(ctx, file)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	sum := new(summarized)
	for _, l := range lives {
		sum.byTime = append(sum.byTime, group{name: l.name})
	}
	err = o.each(ctx, s, func(db int, in *store.Store, key string) error { return o.count(ctx, sum, db, in, key) })
	if err != nil {
		return err
	}
	return o.show(sum)
}

// count adds a key to the summary.
func (o *options) count(ctx context.Context, sum *summarized, db int, in *store.Store, key string) error {
	kind, err := in.Type(ctx, key)
	if err != nil {
		return err
	}
	bytes, ok, err := in.MemoryUsage(ctx, key)
	if err != nil || !ok {
		return err
	}
	left, ends, err := in.TTL(ctx, key)
	if err != nil {
		return err
	}
	sum.all.keys++
	sum.all.bytes += bytes
	sum.byType.add(string(kind), bytes)
	sum.byTime.add(classOf(left, ends), bytes)
	sum.keep(big{db, key, kind, bytes}, o.top)
	return nil
}

// keep puts a key among the biggest, if it is one of so many.
func (sum *summarized) keep(b big, most int) {
	i, _ := slices.BinarySearchFunc(sum.biggest, b, func(a, b big) int { return int(b.bytes - a.bytes) })
	if i >= most {
		return
	}
	sum.biggest = slices.Insert(sum.biggest, i, b)
	sum.biggest = sum.biggest[:min(len(sum.biggest), most)]
}

// show prints a summary.
func (o *options) show(sum *summarized) error {
	w := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	table := func(title string, all groups) {
		fmt.Fprintf(w, "%s\tkeys\tbytes\tbytes a key\t\n", title)
		for _, g := range all {
			if g.keys > 0 {
				fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", g.name, g.keys, g.bytes, g.bytes/g.keys)
			}
		}
		fmt.Fprintln(w, "\t\t\t\t")
	}
	slices.SortFunc(sum.byType, func(a, b group) int { return int(b.bytes - a.bytes) })
	sum.all.name = "all"
	table("type", append(sum.byType, sum.all))
	table("lives for", sum.byTime)
	fmt.Fprintln(w, "biggest\tdatabase\ttype\tbytes\t")
	for _, b := range sum.biggest {
		fmt.Fprintf(w, "%q\t%d\t%s\t%d\t\n", b.key, b.db, b.kind, b.bytes)
	}
	return w.Flush()
}
