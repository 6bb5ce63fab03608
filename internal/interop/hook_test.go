package interop

import (
	"net"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// readers is a hook outside the library: it lets nobody write, and keeps who tried.
type readers struct {
	mu    sync.Mutex
	tried []string
}

func (*readers) Connect(remote net.Addr) bool { return remote != nil }

func (r *readers) Command(c resp.Call) resp.Verdict {
	const err = "READONLY You can't write against a read only replica."
	if !c.Refusable(err) {
		return resp.Verdict{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = append(r.tried, c.ClientName+" "+c.Name+" "+string(c.Keys()[0]))
	return resp.Verdict{Error: err}
}

// TestHookOfAnotherModule implements resp.Hook as a user's program does.
func TestHookOfAnotherModule(t *testing.T) {
	hook, s := &readers{}, store.New(store.Options{})
	srv := resp.NewServer(s, resp.Options{Hook: hook})
	l, err := resp.Listen(":0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-served, resp.ErrServerClosed)
		require.NoError(t, s.Close())
	})
	c := newGoRedis(t, &redis.Options{Addr: l.Addr().String(), ClientName: "app", MaxRetries: -1})
	isNil(t, c.Get(background(t), "k"))
	require.True(t, redis.IsReadOnlyError(c.Set(background(t), "k", "v", 0).Err()))
	require.Equal(t, []string{"app set k"}, hook.tried)
}
