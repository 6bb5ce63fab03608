package types_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// hashCalls is a call of every method of Hash that takes a context. Those that find
// something return it.
func hashCalls() map[string]func(context.Context, types.Hash[string, string]) (any, error) {
	type hash = types.Hash[string, string]
	some := func(list []types.Maybe[string], err error) (any, error) { return len(list) > 0 && list[0].OK, err }
	told := func(list []types.FieldResult, err error) (any, error) {
		return len(list) > 0 && list[0] != types.FieldMissing, err
	}
	return map[string]func(context.Context, hash) (any, error){
		"Set":         func(ctx context.Context, h hash) (any, error) { return h.Set(ctx, "f", "v") },
		"SetMany":     func(ctx context.Context, h hash) (any, error) { return h.SetMany(ctx, pair{"f", "v"}, pair{"g", "w"}) },
		"SetIfAbsent": func(ctx context.Context, h hash) (any, error) { return h.SetIfAbsent(ctx, "f", "v") },
		"SetWith": func(ctx context.Context, h hash) (any, error) {
			return h.SetWith(ctx, types.HSetOptions{Expiry: types.After(time.Hour)}, pair{"f", "v"})
		},
		"Get":       func(ctx context.Context, h hash) (any, error) { return both(h.Get(ctx, "f")) },
		"GetMany":   func(ctx context.Context, h hash) (any, error) { return some(h.GetMany(ctx, "f", "x")) },
		"GetRemove": func(ctx context.Context, h hash) (any, error) { return some(h.GetRemove(ctx, "f", "x")) },
		"GetExpire": func(ctx context.Context, h hash) (any, error) {
			return some(h.GetExpire(ctx, types.After(time.Hour), "f", "x"))
		},
		"Entries": func(ctx context.Context, h hash) (any, error) { return h.Entries(ctx) },
		"Fields":  func(ctx context.Context, h hash) (any, error) { return h.Fields(ctx) },
		"Values":  func(ctx context.Context, h hash) (any, error) { return h.Values(ctx) },
		"Len":     func(ctx context.Context, h hash) (any, error) { return h.Len(ctx) },
		"Size":    func(ctx context.Context, h hash) (any, error) { return h.Size(ctx, "f") },
		"Has":     func(ctx context.Context, h hash) (any, error) { return h.Has(ctx, "f") },
		"Remove":  func(ctx context.Context, h hash) (any, error) { return h.Remove(ctx, "f") },
		"Add":     func(ctx context.Context, h hash) (any, error) { return h.Add(ctx, "n", 1) },
		"AddFloat": func(ctx context.Context, h hash) (any, error) {
			return h.AddFloat(ctx, "n", 1)
		},
		"Random":          func(ctx context.Context, h hash) (any, error) { return both(h.Random(ctx)) },
		"Sample":          func(ctx context.Context, h hash) (any, error) { return h.Sample(ctx, 3) },
		"SampleRepeating": func(ctx context.Context, h hash) (any, error) { return h.SampleRepeating(ctx, 3) },
		"ExpireFields": func(ctx context.Context, h hash) (any, error) {
			return told(h.ExpireFields(ctx, time.Hour, store.Anyway, "f", "x"))
		},
		"ExpireFieldsAt": func(ctx context.Context, h hash) (any, error) {
			return told(h.ExpireFieldsAt(ctx, time.Unix(1, 0), store.Anyway, "f", "x"))
		},
		"PersistFields": func(ctx context.Context, h hash) (any, error) { return told(h.PersistFields(ctx, "f", "x")) },
		"FieldTTL":      func(ctx context.Context, h hash) (any, error) { return both(h.FieldTTL(ctx, "f")) },
		"FieldTTLs": func(ctx context.Context, h hash) (any, error) {
			list, err := h.FieldTTLs(ctx, "f")
			return len(list) > 0 && list[0].OK, err
		},
		"FieldExpireTimes": func(ctx context.Context, h hash) (any, error) {
			list, err := h.FieldExpireTimes(ctx, "f")
			return len(list) > 0 && list[0].OK, err
		},
		"All":        func(ctx context.Context, h hash) (any, error) { return collect(h.All(ctx)) },
		"Scan":       func(ctx context.Context, h hash) (any, error) { return collect(h.Scan(ctx, "*")) },
		"ScanFields": func(ctx context.Context, h hash) (any, error) { return collect(h.ScanFields(ctx, "*")) },
	}
}

func TestHashCallsAreAllHere(t *testing.T) {
	have := map[string]bool{}
	for name := range hashCalls() {
		have[name] = true
	}
	missing(t, reflect.TypeFor[types.Hash[string, string]](), have)
}

func TestHashOfAnotherType(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, types.NewString[string](s, "text").Set(ctx, "v"))
	for name, call := range hashCalls() {
		_, err := call(ctx, types.NewHash[string, string](s, "text"))
		require.ErrorIs(t, err, store.ErrWrongType, name)
	}
	require.EqualValues(t, "v", must(types.NewString[string](s, "text").GetDelete(ctx)))
}

// must is a value that is there.
func must[T any](v T, ok bool, err error) T {
	if !ok || err != nil {
		panic(err)
	}
	return v
}

func TestHashThatIsMissing(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	adds := map[string]bool{"Set": true, "SetMany": true, "SetIfAbsent": true, "SetWith": true, "Add": true, "AddFloat": true}
	for name, call := range hashCalls() {
		v, err := call(ctx, types.NewHash[string, string](s, name))
		require.NoError(t, err, name)
		there, err := s.Exists(ctx, name)
		require.NoError(t, err)
		if adds[name] {
			require.EqualValues(t, 1, there, name)
			continue
		}
		require.True(t, isNothing(v), "%s: %v", name, v)
		require.Zero(t, there, name)
	}
}

// TestHashCallsForNoFields do nothing and fail in no way.
func TestHashCallsForNoFields(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h := newHash(t, s, "h", pair{"f", "v"})
	for name, call := range map[string]func() (int, error){
		"GetMany":   func() (int, error) { list, err := h.GetMany(ctx); return len(list), err },
		"GetRemove": func() (int, error) { list, err := h.GetRemove(ctx); return len(list), err },
		"GetExpire": func() (int, error) { list, err := h.GetExpire(ctx, types.Expiry{}); return len(list), err },
		"Remove":    func() (int, error) { n, err := h.Remove(ctx); return int(n), err },
		"SetMany": func() (int, error) {
			n, err := types.NewHash[string, string](s, "new").SetMany(ctx)
			return int(n), err
		},
		"ExpireFields":     func() (int, error) { list, err := h.ExpireFields(ctx, 0, store.Anyway); return len(list), err },
		"PersistFields":    func() (int, error) { list, err := h.PersistFields(ctx); return len(list), err },
		"FieldTTLs":        func() (int, error) { list, err := h.FieldTTLs(ctx); return len(list), err },
		"FieldExpireTimes": func() (int, error) { list, err := h.FieldExpireTimes(ctx); return len(list), err },
	} {
		n, err := call()
		require.NoError(t, err, name)
		require.Zero(t, n, name)
	}
	n, err := s.Len(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, n, "no empty hash was made")
}

func TestHashCallsThatMustNotStart(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	h := newHash(t, s, "h", pair{"f", "v"})
	for name, call := range hashCalls() {
		_, err := call(ended, h)
		require.ErrorIs(t, err, context.Canceled, name)
	}
	require.Equal(t, []pair{{"f", "v"}}, entries(t, h))
	require.NoError(t, s.Close())
	for name, call := range hashCalls() {
		_, err := call(ctx, h)
		require.ErrorIs(t, err, store.ErrClosed, name)
	}
}

// TestHashWithCodecsThatUseTheStore runs every method with codecs that would wait
// for ever under a lock: both, and each beside a built-in one.
func TestHashWithCodecsThatUseTheStore(t *testing.T) {
	for name, call := range hashCalls() {
		if name == "Add" || name == "AddFloat" { // numbers are not in such a codec's form
			name, call = "Get", hashCalls()["Get"]
		}
		for both := range 3 {
			t.Run(name, func(t *testing.T) {
				s, ctx := newStore(t), t.Context()
				asked := 0
				var f, v types.Codec[string]
				if both != 1 {
					f = asker{s, "h", &asked}
				}
				if both != 2 {
					v = asker{s, "h", &asked}
				}
				h := types.NewHashCodec(s, "h", f, v)
				_, err := h.SetMany(ctx, pair{"f", "v"}, pair{"g", "w"})
				require.NoError(t, err)
				require.GreaterOrEqual(t, asked, 2)
				_, err = call(ctx, h)
				require.NoError(t, err)
				require.Subset(t, []pair{{"f", "v"}, {"g", "w"}}, entries(t, h))
			})
		}
	}
}

// TestHashInTransactions undoes and keeps every change.
func TestHashInTransactions(t *testing.T) {
	for name, call := range hashCalls() {
		t.Run(name, func(t *testing.T) {
			s, ctx := openStore(t, store.Options{Seed: 1, Clock: newClock()}), t.Context()
			h, want := newHash(t, s, "h", pair{"f", "1"}, pair{"n", "5"}), newHash(t, s, "want", pair{"f", "1"}, pair{"n", "5"})
			before := state(t, h)
			require.ErrorIs(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := call(ctx, h.In(tx))
				require.NoError(t, err)
				return errNo
			}), errNo)
			require.Equal(t, before, state(t, h))
			_, err := call(ctx, want)
			require.NoError(t, err)
			require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := call(ctx, h.In(tx))
				return err
			}))
			require.Equal(t, state(t, want), state(t, h))
		})
	}
}

// state is what a hash holds: values, and when they expire.
func state(t *testing.T, h types.Hash[string, string]) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for _, p := range entries(t, h) {
		at, err := h.FieldExpireTimes(t.Context(), p.Key)
		require.NoError(t, err)
		fields[p.Key] = p.Value
		if at[0].OK {
			fields[p.Key] += " until " + at[0].V.String()
		}
	}
	return fields
}
