package types_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func ExampleHash_ExpireFields() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	session := types.NewHash[string, string](s, "session:7")
	_, _ = session.SetMany(ctx, types.Pair[string, string]{"user", "ada"}, types.Pair[string, string]{"code", "4711"})
	results, _ := session.ExpireFields(ctx, time.Minute, store.Anyway, "code", "other")
	ttl, ok, _ := session.FieldTTL(ctx, "code")
	fmt.Println(results[0] == types.FieldChanged, results[1] == types.FieldMissing, ttl > 59*time.Second, ok)
	// Output: true true true true
}

// fieldsOn is a hash of a, b, c on a store with a clock.
func fieldsOn(t *testing.T) (*clock, types.Hash[string, string]) {
	c := newClock()
	s := openStore(t, store.Options{Clock: c})
	return c, newHash(t, s, "h", pair{"a", "1"}, pair{"b", "2"}, pair{"c", "3"})
}

// ttl is how long a field has to live, -1 if it is missing or lives for ever.
func ttl(t *testing.T, h types.Hash[string, string], field string) time.Duration {
	t.Helper()
	d, ok, err := h.FieldTTL(t.Context(), field)
	require.NoError(t, err)
	if !ok {
		return -1
	}
	return d
}

func TestHashFieldsExpire(t *testing.T) {
	c, h := fieldsOn(t)
	ctx := t.Context()
	told, err := h.ExpireFields(ctx, 1500*time.Millisecond, store.Anyway, "a", "x", "b")
	require.NoError(t, err)
	require.Equal(t, []types.FieldResult{types.FieldChanged, types.FieldMissing, types.FieldChanged}, told)
	c.advance(time.Second)
	require.Equal(t, 500*time.Millisecond, ttl(t, h, "a"))
	ttls, err := h.FieldTTLs(ctx, "a", "x", "c")
	require.NoError(t, err)
	require.Equal(t, []types.Maybe[time.Duration]{{500 * time.Millisecond, true}, {}, {}}, ttls)
	times, err := h.FieldExpireTimes(ctx, "c", "b")
	require.NoError(t, err)
	require.False(t, times[0].OK)
	require.True(t, times[1].OK)
	require.True(t, times[1].V.Equal(c.Now().Add(500*time.Millisecond)))
	c.advance(501 * time.Millisecond)
	require.Equal(t, []pair{{"c", "3"}}, entries(t, h))
}

func TestHashExpireFieldsAt(t *testing.T) {
	c, h := fieldsOn(t)
	ctx := t.Context()
	told, err := h.ExpireFieldsAt(ctx, c.Now().Add(time.Minute+time.Microsecond), store.Anyway, "a")
	require.NoError(t, err)
	require.Equal(t, []types.FieldResult{types.FieldChanged}, told)
	require.Equal(t, time.Minute+time.Millisecond, ttl(t, h, "a"), "rounded up")
	told, err = h.ExpireFieldsAt(ctx, c.Now().Add(-time.Second), store.Anyway, "a", "b", "x")
	require.NoError(t, err)
	require.Equal(t, []types.FieldResult{types.FieldRemoved, types.FieldRemoved, types.FieldMissing}, told)
	told, err = h.ExpireFields(ctx, 0, store.Anyway, "c")
	require.NoError(t, err)
	require.Equal(t, []types.FieldResult{types.FieldRemoved}, told)
	there, err := h.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there)
}

func TestHashExpireFieldsUnderConditions(t *testing.T) {
	_, h := fieldsOn(t)
	ctx := t.Context()
	for _, c := range []struct {
		d    time.Duration
		when store.When
		want types.FieldResult
		ttl  time.Duration
	}{
		{time.Minute, store.IfTTL, types.FieldUnchanged, -1},
		{time.Minute, store.IfLonger, types.FieldUnchanged, -1},
		{time.Minute, store.IfSooner, types.FieldChanged, time.Minute},
		{time.Hour, store.IfNoTTL, types.FieldUnchanged, time.Minute},
		{time.Hour, store.IfSooner, types.FieldUnchanged, time.Minute},
		{time.Hour, store.IfLonger, types.FieldChanged, time.Hour},
		{time.Second, store.IfLonger, types.FieldUnchanged, time.Hour},
		{time.Second, store.IfTTL, types.FieldChanged, time.Second},
		{time.Hour, store.Anyway, types.FieldChanged, time.Hour},
	} {
		told, err := h.ExpireFields(ctx, c.d, c.when, "a")
		require.NoError(t, err)
		require.Equal(t, []types.FieldResult{c.want}, told, "%+v", c)
		require.Equal(t, c.ttl, ttl(t, h, "a"), "%+v", c)
	}
}

func TestHashPersistFields(t *testing.T) {
	_, h := fieldsOn(t)
	ctx := t.Context()
	_, err := h.ExpireFields(ctx, time.Minute, store.Anyway, "a")
	require.NoError(t, err)
	told, err := h.PersistFields(ctx, "a", "b", "x")
	require.NoError(t, err)
	require.Equal(t, []types.FieldResult{types.FieldChanged, types.FieldUnchanged, types.FieldMissing}, told)
	require.Equal(t, time.Duration(-1), ttl(t, h, "a"))
}

// TestHashWritesAndDeadlines shows which writes keep a field's deadline.
func TestHashWritesAndDeadlines(t *testing.T) {
	c, h := fieldsOn(t)
	ctx := t.Context()
	for name, w := range map[string]struct {
		write func() error
		want  time.Duration
	}{
		"Set clears":       {func() error { _, err := h.Set(ctx, "a", "7"); return err }, -1},
		"SetWith clears":   {func() error { _, err := h.SetWith(ctx, types.HSetOptions{}, pair{"a", "7"}); return err }, -1},
		"Add keeps":        {func() error { _, err := h.Add(ctx, "a", 1); return err }, time.Minute},
		"AddFloat keeps":   {func() error { _, err := h.AddFloat(ctx, "a", 1); return err }, time.Minute},
		"KeepTTL keeps":    {func() error { return setWith(ctx, h, types.KeepTTL()) }, time.Minute},
		"After sets":       {func() error { return setWith(ctx, h, types.After(time.Hour)) }, time.Hour},
		"At sets":          {func() error { return setWith(ctx, h, types.At(c.Now().Add(time.Hour))) }, time.Hour},
		"GetExpire clears": {func() error { _, err := h.GetExpire(ctx, types.Expiry{}, "a"); return err }, -1},
		"GetExpire keeps":  {func() error { _, err := h.GetExpire(ctx, types.KeepTTL(), "a"); return err }, time.Minute},
		"GetExpire sets":   {func() error { _, err := h.GetExpire(ctx, types.After(time.Hour), "a"); return err }, time.Hour},
		"Get keeps":        {func() error { _, _, err := h.Get(ctx, "a"); return err }, time.Minute},
	} {
		_, err := h.ExpireFields(ctx, time.Minute, store.Anyway, "a")
		require.NoError(t, err)
		require.NoError(t, w.write(), name)
		require.Equal(t, w.want, ttl(t, h, "a"), name)
	}
}

func setWith(ctx context.Context, h types.Hash[string, string], e types.Expiry) error {
	_, err := h.SetWith(ctx, types.HSetOptions{Expiry: e}, pair{"a", "8"})
	return err
}

func TestHashGetExpire(t *testing.T) {
	c, h := fieldsOn(t)
	ctx := t.Context()
	got, err := h.GetExpire(ctx, types.After(time.Second), "a", "x", "b")
	require.NoError(t, err)
	require.Equal(t, []types.Maybe[string]{{"1", true}, {}, {"2", true}}, got)
	c.advance(time.Second + time.Millisecond)
	require.Equal(t, []pair{{"c", "3"}}, entries(t, h))
	got, err = h.GetExpire(ctx, types.At(c.Now().Add(-time.Hour)), "c")
	require.NoError(t, err)
	require.Equal(t, []types.Maybe[string]{{"3", true}}, got, "a time that has passed removes what it returns")
	require.Empty(t, entries(t, h))
}

func TestHashExpiriesThatCannotBe(t *testing.T) {
	_, h := fieldsOn(t)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"negative":   func() error { _, err := h.ExpireFields(ctx, -time.Second, store.Anyway, "a"); return err },
		"early":      func() error { _, err := h.ExpireFieldsAt(ctx, time.Unix(-1, 0), store.Anyway, "a"); return err },
		"late":       func() error { _, err := h.ExpireFieldsAt(ctx, time.UnixMilli(1<<46), store.Anyway, "a"); return err },
		"SetWith":    func() error { return setWith(ctx, h, types.After(-time.Second)) },
		"late write": func() error { return setWith(ctx, h, types.At(time.UnixMilli(math.MaxInt64))) },
		"GetExpire":  func() error { _, err := h.GetExpire(ctx, types.After(-1*time.Second), "a"); return err },
	} {
		require.ErrorIs(t, call(), store.ErrExpiry, name)
		require.Len(t, entries(t, h), 3, name)
		require.Equal(t, time.Duration(-1), ttl(t, h, "a"), name)
	}
}
