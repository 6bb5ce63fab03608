package types_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// family is a type of handle for text with a call of each of its methods: what
// holds for all of them is tested here.
type family[H any] struct {
	// calls may return what they find. They fit a key that is as fill makes it.
	calls map[string]func(context.Context, H) (any, error)
	adds  []string // the calls that make a key
	open  func(db store.DB, key string, c types.Codec[string]) H
	in    func(h H, tx store.DB) H
	fill  func(context.Context, H) error
	state func(context.Context, H) ([]string, error)
}

func (f family[H]) test(t *testing.T) {
	t.Run("all are here", f.areAllHere)
	t.Run("another type", f.ofAnotherType)
	t.Run("missing key", f.thatIsMissing)
	t.Run("must not start", f.thatMustNotStart)
	t.Run("codec that uses the store", f.withACodecThatUsesTheStore)
	t.Run("transactions", f.inTransactions)
}

// filled is a handle for a key that is filled.
func (f family[H]) filled(t *testing.T, s *store.Store, key string, c types.Codec[string]) H {
	t.Helper()
	h := f.open(s, key, c)
	require.NoError(t, f.fill(t.Context(), h))
	return h
}

func (f family[H]) holds(t *testing.T, h H) []string {
	t.Helper()
	have, err := f.state(t.Context(), h)
	require.NoError(t, err)
	return have
}

// areAllHere finds methods that have no call.
func (f family[H]) areAllHere(t *testing.T) {
	have := map[string]bool{}
	for name := range f.calls {
		have[name] = true
	}
	missing(t, reflect.TypeFor[H](), have)
}

func (f family[H]) ofAnotherType(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, types.NewCounter(s, "n").Set(ctx, 1))
	for name, call := range f.calls {
		_, err := call(ctx, f.open(s, "n", nil))
		require.ErrorIs(t, err, store.ErrWrongType, name)
	}
	n, _, err := types.NewCounter(s, "n").Get(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func (f family[H]) thatIsMissing(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for name, call := range f.calls {
		v, err := call(ctx, f.open(s, name, nil))
		require.NoError(t, err, name)
		there, err := s.Exists(ctx, name)
		require.NoError(t, err)
		if slices.Contains(f.adds, name) {
			require.EqualValues(t, 1, there, name)
			continue
		}
		require.True(t, isNothing(v), "%s: %v", name, v)
		require.Zero(t, there, name)
	}
}

func (f family[H]) thatMustNotStart(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	h := f.filled(t, s, "k", nil)
	before := f.holds(t, h)
	for name, call := range f.calls {
		_, err := call(ended, h)
		require.ErrorIs(t, err, context.Canceled, name)
	}
	require.Equal(t, before, f.holds(t, h))
	require.NoError(t, s.Close())
	for name, call := range f.calls {
		_, err := call(ctx, h)
		require.ErrorIs(t, err, store.ErrClosed, name)
	}
}

// withACodecThatUsesTheStore runs every call with a codec that would wait for ever
// under a lock.
func (f family[H]) withACodecThatUsesTheStore(t *testing.T) {
	for name, call := range f.calls {
		s, asked := newStore(t), 0
		h := f.filled(t, s, "k", asker{s, "k", &asked})
		require.Positive(t, asked)
		_, err := call(t.Context(), h)
		require.NoError(t, err, name)
		f.holds(t, h)
	}
}

// inTransactions undoes and keeps what every call changes.
func (f family[H]) inTransactions(t *testing.T) {
	for name, call := range f.calls {
		s, ctx := newStore(t), t.Context()
		h, twin := f.filled(t, s, "k", nil), f.filled(t, s, "twin", nil)
		before := f.holds(t, h)
		require.ErrorIs(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := call(ctx, f.in(h, tx))
			require.NoError(t, err, name)
			return errNo
		}), errNo)
		require.Equal(t, before, f.holds(t, h), name)
		var inside any
		require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			inside, err = call(ctx, f.in(h, tx))
			return err
		}), name)
		outside, err := call(ctx, twin)
		require.NoError(t, err, name)
		require.Equal(t, f.holds(t, twin), f.holds(t, h), name)
		require.Equal(t, outside, inside, name)
	}
}

// both is whether something was found.
func both[T any](_ T, ok bool, err error) (bool, error) { return ok, err }

// waitShort gives up a wait at once unless it fails or finds something at once.
func waitShort[T any](ctx context.Context, wait func(context.Context) (T, error)) (v T, err error) {
	if ctx.Err() != nil {
		return wait(ctx)
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	if v, err = wait(short); err == context.DeadlineExceeded {
		err = nil
	}
	return v, err
}

// collect is what an iterator yields, up to its error.
func collect[E any](seq func(func(E, error) bool)) (list []E, err error) {
	for e, err := range seq {
		if err != nil {
			return list, err
		}
		list = append(list, e)
	}
	return list, nil
}

// isNothing reports whether a call found nothing.
func isNothing(v any) bool {
	r := reflect.ValueOf(v)
	return r.IsZero() || r.Kind() == reflect.Slice && r.Len() == 0
}

// missing are the methods with a context that are the type's own and have no call.
func missing(t *testing.T, of reflect.Type, have map[string]bool) {
	t.Helper()
	handle := of.Field(0).Type
	for i := range of.NumMethod() {
		m := of.Method(i)
		_, ofKey := handle.MethodByName(m.Name)
		if ofKey || m.Type.NumIn() < 2 || m.Type.In(1) != reflect.TypeFor[context.Context]() {
			continue
		}
		require.True(t, have[m.Name], "no call of %s", m.Name)
	}
}

// waited is what came of a call that waits.
type waited[T any] struct {
	v   T
	err error
}

// whileWaiting starts a call, runs do once it waits, and returns what came of it.
func whileWaiting[T any](wait func(context.Context) (T, error), do func(cancel func())) waited[T] {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan waited[T])
	go func() {
		v, err := wait(ctx)
		done <- waited[T]{v, err}
	}()
	synctest.Wait()
	do(cancel)
	return <-done
}
