package resp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a certificate is for.
const (
	serverName = x509.ExtKeyUsageServerAuth
	clientName = x509.ExtKeyUsageClientAuth
)

// certificate makes one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T, usage x509.ExtKeyUsage) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{usage}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func tlsConfig(own ...tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: own}
}

func TestTLS(t *testing.T) {
	cert, pool := certificate(t, serverName)
	srv, addr := start(t, Options{TLS: tlsConfig(cert)})
	nc, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	p := newPeer(t, nc)
	p.do("PING", "+PONG\r\n")
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	p.do("CONFIG GET port", pair("port", "0"))
	p.do("CONFIG GET tls-port", pair("tls-port", port))

	plain := dial(t, addr)
	plain.send("PING\r\n")
	require.NotContains(t, plain.gone(), "PONG", "it speaks no TLS")

	// More than the sockets hold, before the first reply is read.
	big := strings.Repeat("x", 50000)
	p.do("SET big "+big, "+OK\r\n")
	p.send(strings.Repeat("GET big\r\n", 400))
	p.want(strings.Repeat("$50000\r\n"+big+"\r\n", 400))

	p.send("BLPOP k 1\r\nPING\r\n")
	p.want("*-1\r\n+PONG\r\n")
	p.send("PING\r\n")
	p.want("+PONG\r\n")
	require.NoError(t, srv.Shutdown(within(t, patience)))
	_, err = p.r.ReadByte()
	require.Equal(t, io.EOF, err, "the end is told, not a cut")
}

// TestClientCertificates lets in who has a certificate that the server trusts.
func TestClientCertificates(t *testing.T) {
	cert, pool := certificate(t, serverName)
	good, trusted := certificate(t, clientName)
	bad, _ := certificate(t, clientName)
	for _, c := range []struct {
		name string
		auth tls.ClientAuthType
		own  []tls.Certificate
		in   bool
	}{
		{"required and good", tls.RequireAndVerifyClientCert, []tls.Certificate{good}, true},
		{"required and unknown", tls.RequireAndVerifyClientCert, []tls.Certificate{bad}, false},
		{"required and none", tls.RequireAndVerifyClientCert, nil, false},
		{"optional and good", tls.VerifyClientCertIfGiven, []tls.Certificate{good}, true},
		{"optional and none", tls.VerifyClientCertIfGiven, nil, true},
		{"optional and unknown", tls.VerifyClientCertIfGiven, []tls.Certificate{bad}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := tlsConfig(cert)
			config.ClientAuth, config.ClientCAs = c.auth, trusted
			_, addr := start(t, Options{TLS: config})
			client := tlsConfig()
			client.RootCAs = pool
			// As redis-cli does, it sends what it has, whoever the server trusts.
			client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return &append(c.own, tls.Certificate{})[0], nil
			}
			nc, err := tls.Dial("tcp", addr, client)
			require.NoError(t, err) // with TLS 1.3 the client is told later
			p := newPeer(t, nc)
			if c.in {
				p.do("PING", "+PONG\r\n")
				return
			}
			_, _ = io.WriteString(p, "SET k v\r\n")
			require.NotContains(t, p.gone(), "OK")
			require.Zero(t, reached(t, addr, client, good), "nothing that it sent was heard")
		})
	}
}

// reached counts the keys that are there, seen by a client with a certificate.
func reached(t *testing.T, addr string, c *tls.Config, own tls.Certificate) int {
	t.Helper()
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	nc, err := tls.Dial("tcp", addr, c)
	require.NoError(t, err)
	p := newPeer(t, nc)
	p.send("DBSIZE\r\n")
	line, err := p.r.ReadString('\n')
	require.NoError(t, err)
	return int(line[1] - '0')
}

// TestPushesOverTLS: what others bring is written between the client's own records.
func TestPushesOverTLS(t *testing.T) {
	cert, pool := certificate(t, serverName)
	_, addr := start(t, Options{TLS: tlsConfig(cert)})
	open := func() *peer {
		nc, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
		require.NoError(t, err)
		return newPeer(t, nc)
	}
	c, w := open(), open()
	c.send("HELLO 3\r\n")
	for line := ""; line != "*0\r\n"; { // the list of modules is the last
		var err error
		line, err = c.r.ReadString('\n')
		require.NoError(t, err)
	}
	c.do("CLIENT TRACKING ON", "+OK\r\n")
	w.do("SET k v", "+OK\r\n")
	for range 100 {
		c.do("GET k", "$1\r\nv\r\n")
		w.do("SET k v", "+OK\r\n")
		c.want(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n")
	}
}
