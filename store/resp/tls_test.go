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

// certificate makes one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLS(t *testing.T) {
	cert, pool := certificate(t)
	srv, addr := start(t, Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	nc, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool})
	require.NoError(t, err)
	p := newPeer(t, nc)
	p.do("PING", "+PONG\r\n")

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
