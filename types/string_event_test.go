package types_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func TestOldValueIsReadAsTheHandleReads(t *testing.T) {
	type user struct{ Name string }
	synctest.Test(t, func(t *testing.T) {
		s, ctx := store.New(store.Options{}), t.Context()
		defer func() { require.NoError(t, s.Close()) }()
		users := types.NewString[user](s, "user:1")
		_, err := users.SetWith(ctx, user{"Ann"}, types.SetOptions{Expiry: types.After(time.Hour)})
		require.NoError(t, err)
		_, err = types.NewList[string](s, "user:2").PushBack(ctx, "no user")
		require.NoError(t, err)
		_, err = s.Expire(ctx, "user:2", 2*time.Hour)
		require.NoError(t, err)
		events, err := s.Events(ctx, "user:*")
		require.NoError(t, err)
		defer events.Close()
		time.Sleep(24 * time.Hour)

		e, err := events.Next(ctx)
		require.NoError(t, err)
		v, ok, err := users.Old(e)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, user{"Ann"}, v)
		_, _, err = types.NewString[int](s, "").Old(e)
		require.Error(t, err, "it is no integer")

		e, err = events.Next(ctx)
		require.NoError(t, err)
		_, ok, err = users.Old(e)
		require.NoError(t, err)
		require.False(t, ok, "it is no string")
	})
}
