package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/residedb/reside/types"
)

// answers is what the journal knows.
type answers struct {
	lines     int64
	took      time.Duration
	actions   []types.Pair[string, int64] // the most frequent first
	unpacked  int64
	installed int64
	broken    []string // unpacked, but not installed in the end
	earliest  []string
	latest    []string
	busiest   []types.Scored[string]
}

const few = 5

// answer asks the store.
func (j *journal) answer(ctx context.Context) (a answers, err error) {
	for _, ask := range []func(context.Context, *answers) error{j.span, j.counts, j.packages, j.ranking} {
		if err := ask(ctx, &a); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (j *journal) span(ctx context.Context, a *answers) (err error) {
	if a.lines, _, err = j.lines.Get(ctx); err != nil {
		return err
	}
	first, _, err := j.first.Get(ctx)
	if err != nil {
		return err
	}
	last, _, err := j.last.Get(ctx)
	a.took = last.Sub(first)
	return err
}

func (j *journal) counts(ctx context.Context, a *answers) error {
	for p, err := range j.actions.All(ctx) {
		if err != nil {
			return err
		}
		a.actions = append(a.actions, p)
	}
	slices.SortFunc(a.actions, func(x, y types.Pair[string, int64]) int {
		if x.Value != y.Value {
			return int(y.Value - x.Value)
		}
		return strings.Compare(x.Key, y.Key)
	})
	return nil
}

func (j *journal) packages(ctx context.Context, a *answers) (err error) {
	if a.unpacked, err = j.unpacked.Len(ctx); err != nil {
		return err
	}
	if a.installed, err = j.installed.Len(ctx); err != nil {
		return err
	}
	if a.broken, err = j.unpacked.Diff(ctx, j.installed); err != nil {
		return err
	}
	slices.Sort(a.broken)
	if a.earliest, err = j.order.Range(ctx, 0, few-1); err != nil {
		return err
	}
	a.latest, err = j.order.Range(ctx, -few, -1)
	return err
}

func (j *journal) ranking(ctx context.Context, a *answers) (err error) {
	a.busiest, err = j.busiest.Range(ctx, types.ByRank(0, few-1).Reverse())
	return err
}

// print shows the answers.
func (a *answers) print(out io.Writer) {
	fmt.Fprintf(out, "%d lines, over %s\n\nActions:\n", a.lines, a.took)
	for _, p := range a.actions {
		fmt.Fprintf(out, "  %6d  %s\n", p.Value, p.Key)
	}
	fmt.Fprintf(out, "\n%d packages were unpacked, %d are installed in the end.\n", a.unpacked, a.installed)
	fmt.Fprintf(out, "Unpacked but not installed: %s\n", orNone(a.broken))
	fmt.Fprintf(out, "Installed first: %s\n", orNone(a.earliest))
	fmt.Fprintf(out, "Installed last:  %s\n\nBusiest packages:\n", orNone(a.latest))
	for _, m := range a.busiest {
		fmt.Fprintf(out, "  %6.0f  %s\n", m.Score, m.Member)
	}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
