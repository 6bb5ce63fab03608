package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// mutual is a TLS configuration for both ends, who show each other the same
// certificate.
func mutual(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// serveAt serves an empty store at an address until the test ends.
func serveAt(t *testing.T, addr string, o resp.Options) (at net.Addr) {
	t.Helper()
	s := store.New(store.Options{})
	srv := resp.NewServer(s, o)
	l, err := resp.Listen(addr)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-done, resp.ErrServerClosed)
		require.NoError(t, s.Close())
	})
	return l.Addr()
}

// worksOver runs what a client does first, a pipeline and a blocked pop.
func worksOver(t *testing.T, o *redis.Options) {
	c := redis.NewClient(o)
	defer func() { require.NoError(t, c.Close()) }()
	ctx := background(t)
	require.NoError(t, c.Set(ctx, "k", "v", time.Minute).Err())
	require.Equal(t, "v", c.Get(ctx, "k").Val())
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for range 1000 {
			p.Incr(ctx, "n")
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "1000", c.Get(ctx, "n").Val())
	popped := make(chan []string, 1)
	go func() { popped <- c.BLPop(ctx, 0, "l").Val() }()
	require.Eventually(t, func() bool { return c.RPush(ctx, "l", "x").Err() == nil && len(popped) == 1 }, patience, time.Millisecond)
	require.Equal(t, []string{"l", "x"}, <-popped)
}

func TestGoRedisOverTLSWithCertificate(t *testing.T) {
	config := mutual(t)
	at := serveAt(t, ":0", resp.Options{TLS: config})
	worksOver(t, &redis.Options{Addr: at.String(), TLSConfig: config})

	bare := config.Clone()
	bare.Certificates = nil
	c := redis.NewClient(&redis.Options{Addr: at.String(), TLSConfig: bare, MaxRetries: -1})
	defer func() { require.NoError(t, c.Close()) }()
	require.ErrorContains(t, c.Ping(background(t)).Err(), "certificate required")
}

func TestGoRedisOverUnixSocket(t *testing.T) {
	at := serveAt(t, "unix:"+filepath.Join(t.TempDir(), "s"), resp.Options{})
	worksOver(t, &redis.Options{Network: "unix", Addr: at.String()})
}
