package bench

import (
	"context"
	"strings"
	"time"

	"github.com/tidwall/buntdb"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// database is what buntdb has beside reading and writing one key.
type database interface {
	setFor(key, value string, d time.Duration)
	update(a, b, value string) // writes two keys that it has read
	view(a, b string) int      // reads two keys
	keys() int                 // lists all keys and counts them
}

func databaseContest() contest {
	return contest{"database", []entrant{
		enter(reside, func() database { return resideDatabase{store.New(store.Options{})} }, databaseSteps),
		enter(bunt, func() database { return buntDatabase{openBunt()} }, databaseSteps),
	}}
}

func databaseSteps(db database, d data) []step {
	other := func(i int) string { return d.keys.at((i + d.n/2) % d.n) }
	return []step{
		{name: "set new for an hour", do: func(i int) { db.setFor(d.keys.at(i), d.values.at(i), time.Hour) }},
		{name: "set existing for an hour", do: func(i int) { db.setFor(d.keys.at(i), d.others.at(i), time.Hour) }},
		{name: "update, 2 keys", do: func(i int) { db.update(d.keys.at(i), other(i), d.values.at(i)) }},
		{name: "view, 2 keys", do: func(i int) { must(db.view(d.keys.at(i), other(i)) == 2*textLen) }},
		{name: "all keys, each", all: true, do: func(int) { must(db.keys() == d.n) }},
	}
}

type resideDatabase struct{ *store.Store }

func (r resideDatabase) setFor(key, value string, d time.Duration) {
	_, err := types.NewString[string](r, key).SetWith(background, value, types.SetOptions{Expiry: types.After(d)})
	done(err)
}

func (r resideDatabase) update(a, b, value string) {
	done(r.Update(background, func(ctx context.Context, tx *store.Tx) error {
		x, y := types.NewString[string](tx, a), types.NewString[string](tx, b)
		for _, s := range []types.String[string]{x, y} {
			if _, ok, err := s.Get(ctx); err != nil || !ok {
				return store.ErrNoSuchKey
			}
		}
		if err := x.Set(ctx, value); err != nil {
			return err
		}
		return y.Set(ctx, value)
	}, a, b))
}

func (r resideDatabase) view(a, b string) (n int) {
	done(r.View(background, func(ctx context.Context, tx *store.Tx) error {
		for _, key := range []string{a, b} {
			v, _, err := types.NewString[string](tx, key).Get(ctx)
			if err != nil {
				return err
			}
			n += len(v)
		}
		return nil
	}, a, b))
	return n
}

func (r resideDatabase) keys() int {
	all, err := r.Keys(background, "*")
	done(err)
	return len(all)
}

type buntDatabase struct{ *buntdb.DB }

func (b buntDatabase) setFor(key, value string, d time.Duration) {
	done(b.Update(func(tx *buntdb.Tx) error {
		_, _, err := tx.Set(strings.Clone(key), strings.Clone(value), &buntdb.SetOptions{Expires: true, TTL: d})
		return err
	}))
}

func (b buntDatabase) update(x, y, value string) {
	done(b.Update(func(tx *buntdb.Tx) error {
		for _, key := range []string{x, y} {
			if _, err := tx.Get(key); err != nil {
				return err
			}
		}
		for _, key := range []string{x, y} {
			if _, _, err := tx.Set(strings.Clone(key), strings.Clone(value), nil); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (b buntDatabase) view(x, y string) (n int) {
	done(b.View(func(tx *buntdb.Tx) error {
		for _, key := range []string{x, y} {
			v, err := tx.Get(key)
			if err != nil {
				return err
			}
			n += len(v)
		}
		return nil
	}))
	return n
}

func (b buntDatabase) keys() int {
	var all []string
	done(b.View(func(tx *buntdb.Tx) error {
		return tx.AscendKeys("*", func(key, _ string) bool {
			all = append(all, key)
			return true
		})
	}))
	return len(all)
}
